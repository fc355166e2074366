import { Alert, Badge, Button, Group, Tabs, Text } from "@mantine/core";
import { IconTerminal2 } from "@tabler/icons-react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { PageHeader } from "@ui/parts/PageHeader";
import { useInSight } from "@ui/parts/useInSight";
import { may, useSession } from "@ui/session";
import { IconTableOff } from "@tabler/icons-react";
import { Columns } from "./Columns";
import { bytes } from "./format";
import { type Table, useTable } from "./useTable";

const Rows = lazy(() => import("./Rows"));
const Versions = lazy(() => import("./Versions"));
const Lineage = lazy(() => import("./Lineage"));
const Relations = lazy(() => import("./Relations"));

const tabs = ["columns", "rows", "versions", "lineage", "relations"] as const;
type Tab = (typeof tabs)[number];

/** One table: its columns, rows, versions, origin and relations. */
export default function TablePage() {
  const { t } = useSpeech();
  const { table: id } = useParams({ strict: false }) as { table: string };
  const query = useTable(id);
  return (
    <>
      {query.data ? null : <PageHeader title={id} back={{ to: "/catalog", title: t("explore.catalog") }} />}
      <Loaded query={query}>{(table) => <Shown table={table} />}</Loaded>
    </>
  );
}

function Shown({ table }: { table: Table }) {
  const { t, language } = useSpeech();
  const { data: session } = useSession();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string; version?: number };
  const tab: Tab = tabs.find((one) => one === search.tab) ?? "columns";
  const row = useInSight(tab);
  const go = (next: Tab, version?: number) =>
    void navigate({
      to: `/catalog/${table.id}`,
      search: { ...(next === "columns" ? {} : { tab: next }), ...(version === undefined ? {} : { version }) } as never,
    });
  const facts = [
    table.model,
    table.rows === null ? "" : t("explore.rowCount", { n: table.rows }),
    table.deleted ? t("explore.goneCount", { n: table.deleted }) : "",
    table.size ? bytes(table.size, language) : "",
  ].filter(Boolean);
  return (
    <>
      <PageHeader
        title={table.name}
        back={{ to: "/catalog", title: t("explore.catalog") }}
        beside={<Badge color="gray">{`${table.layer} / ${table.folder}`}</Badge>}
        lead={
          <>
            {table.description ? <>{table.description}<br /></> : null}
            <Text component="span" size="sm" c="dimmed">
              {facts.join(" · ")}
            </Text>
          </>
        }
        actions={
          table.may_read && may(session, "read_data") ? (
            <Button
              component={Link}
              to="/explore"
              search={{ table: table.sql_name } as never}
              variant="default"
              leftSection={<IconTerminal2 size={16} aria-hidden />}
            >
              {t("explore.askInSql")}
            </Button>
          ) : undefined
        }
      />
      {table.version === null ? (
        <EmptyState icon={IconTableOff} title={table.problem || t("explore.neverRead")}>
          {t("explore.neverReadHint")}
        </EmptyState>
      ) : (
        <Tabs value={tab} onChange={(next) => go((next ?? "columns") as Tab)} keepMounted={false}>
          <Tabs.List mb="md" className="towpath-tabs" ref={row}>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`explore.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Suspense fallback={null}>
            <Tabs.Panel value="columns">
              <Columns table={table} />
            </Tabs.Panel>
            <Tabs.Panel value="rows">
              <Readable table={table}>
                <Rows table={table} version={search.version} onVersion={(version) => go("rows", version)} />
              </Readable>
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <Versions table={table} onLook={(version) => go("rows", version)} />
            </Tabs.Panel>
            <Tabs.Panel value="lineage">
              <Lineage table={table} />
            </Tabs.Panel>
            <Tabs.Panel value="relations">
              <Relations focus={table.path} />
            </Tabs.Panel>
          </Suspense>
        </Tabs>
      )}
    </>
  );
}

function Readable({ table, children }: { table: Table; children: React.ReactNode }) {
  const { t } = useSpeech();
  if (table.may_read) return <>{children}</>;
  return (
    <Group>
      <Alert color="gray">{t("explore.rowsRefused")}</Alert>
    </Group>
  );
}
