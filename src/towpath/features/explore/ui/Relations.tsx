import { Anchor, Group, Stack, Text } from "@mantine/core";
import { IconBinaryTree2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import { Diagram } from "./Diagram";

type Found = Schemas["DiagramOut"];
type Relation = Schemas["RelationOut"];

/** Who wrote a record leads from every table to the users, and tells nothing. */
const stamps = new Set(["create_uid", "write_uid"]);

/** How tables refer to each other: a diagram, and the same as a list. With `focus` only what touches that table. */
export default function Relations({ focus }: { focus?: string }) {
  const { t } = useSpeech();
  const { connection } = useConnection();
  const query = useQuery({
    queryKey: ["catalog", "relations", focus ? "" : (connection?.name ?? "")],
    queryFn: () => data(api.GET("/api/v1/catalog/relations", { params: { query: { connection: focus ? "" : (connection?.name ?? "") } } })),
    staleTime: 60_000,
  });
  return <Loaded query={query}>{(found) => <Shown found={found} focus={focus} title={t("explore.diagram")} />}</Loaded>;
}

function Shown({ found, focus, title }: { found: Found; focus?: string; title: string }) {
  const { t } = useSpeech();
  const { tables, links } = useMemo(() => {
    if (!focus) return { tables: found.tables, links: found.links.filter((one) => one.kind === "many2one" && one.source !== one.target && !stamps.has(one.field)) };
    const near = found.links.filter((one) => (one.source === focus || one.target === focus) && !stamps.has(one.field));
    const paths = new Set([focus, ...near.flatMap((one) => [one.source, one.target])]);
    return { tables: found.tables.filter((one) => paths.has(one.path)), links: near };
  }, [found, focus]);
  const missing = Object.keys(found.missing);
  if (tables.length === 0 || (focus && links.length === 0)) {
    return (
      <EmptyState icon={IconBinaryTree2} title={title}>
        {focus ? t("explore.noLinks") : t("explore.noTablesHint")}
      </EmptyState>
    );
  }
  const names = new Map(found.tables.map((one) => [one.path, one]));
  return (
    <Stack gap="lg">
      <Panel title={title} hint={t("explore.diagramHint")} flush>
        <Diagram tables={tables} links={links} focus={focus} label={title} />
      </Panel>
      {focus ? (
        <Group align="flex-start" grow preventGrowOverflow={false} gap="lg">
          <Links title={t("explore.linksOut")} links={links.filter((one) => one.source === focus)} end="target" names={names} />
          <Links title={t("explore.linksIn")} links={links.filter((one) => one.target === focus && one.source !== focus)} end="source" names={names} />
        </Group>
      ) : (
        <Links title={t("explore.linkList")} links={links} names={names} />
      )}
      {!focus && missing.length ? (
        <Text size="sm" c="dimmed">
          {t("explore.missing", { list: missing.slice(0, 40).join(", ") })}
        </Text>
      ) : null}
    </Stack>
  );
}

interface LinksProps {
  title: string;
  links: Relation[];
  /** Which end of a link is worth naming; both without. */
  end?: "source" | "target";
  names: Map<string, Schemas["MemberOut"]>;
}

function Links({ title, links, end, names }: LinksProps) {
  const to = (path: string) => (
    <Anchor component={Link} to={`/catalog/${path.replaceAll("/", ".")}`} size="sm" underline="always">
      {names.get(path)?.label || path}
    </Anchor>
  );
  if (!links.length) return null;
  return (
    <Panel title={title}>
      <Stack component="ul" gap={6} p={0} m={0} style={{ listStyle: "none" }}>
        {links.map((one) => (
          <Text component="li" key={`${one.source}.${one.field}.${one.target}`} size="sm">
            {end !== "target" ? <>{to(one.source)} </> : null}
            <Text span size="sm" c="dimmed">
              {one.label || one.field} ({one.field})
              {end !== "source" ? " → " : ""}
            </Text>
            {end !== "source" ? to(one.target) : null}
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}
