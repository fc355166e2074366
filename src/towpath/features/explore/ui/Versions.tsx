import { Anchor, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { shown } from "./format";
import { type Table, useVersions, type Version } from "./useTable";

type Change = Schemas["ChangeOut"];

interface Props {
  table: Table;
  /** Shows the rows of a version. */
  onLook?: (version: number) => void;
}

/** Every version with the run behind it, and what became different between two of them. */
export default function Versions({ table, onLook }: Props) {
  const { t } = useSpeech();
  const [limit, setLimit] = useState(50);
  const query = useVersions(table.id, limit);
  return (
    <Stack gap="lg">
      <Loaded query={query}>
        {(page) => (
          <>
            {table.may_read ? <Compare table={table} versions={page.items.filter((one) => one.readable)} /> : null}
            <Panel title={t("explore.versions")} flush>
              <VersionTable versions={page.items} onLook={table.may_read ? onLook : undefined} />
              {page.next && limit < 500 ? (
                <Group justify="center" p="md">
                  <Button variant="default" onClick={() => setLimit(Math.min(500, limit * 4))}>
                    {t("explore.more")}
                  </Button>
                </Group>
              ) : null}
            </Panel>
          </>
        )}
      </Loaded>
    </Stack>
  );
}

export function VersionTable({ versions, onLook }: { versions: Version[]; onLook?: (version: number) => void }) {
  const { t } = useSpeech();
  const columns: Column<Version>[] = [
    {
      key: "version",
      title: t("explore.version"),
      render: (one) => (
        <Text fw={600}>
          <Text span inherit hiddenFrom="sm">
            {t("explore.version")}{" "}
          </Text>
          {one.version}
        </Text>
      ),
    },
    { key: "at", title: t("explore.when"), phone: "plain", render: (one) => <TimeAgo at={one.at} /> },
    {
      key: "brought",
      title: t("explore.brought"),
      phone: "plain",
      render: (one) => {
        const parts = [
          one.inserted ? t("explore.inserted", { n: one.inserted }) : "",
          one.updated ? t("explore.updated", { n: one.updated }) : "",
          one.deleted ? t("explore.deleted", { n: one.deleted }) : "",
        ].filter(Boolean);
        return parts.length ? parts.join(", ") : <Text size="sm" c="dimmed">{t("explore.upkeep")}</Text>;
      },
    },
    {
      key: "run",
      title: t("explore.run"),
      render: (one) =>
        one.run_id ? (
          one.run_kind ? (
            <Anchor component={Link} to={`/runs/${one.run_id}`} size="sm">
              {one.run_id.slice(0, 8)}
            </Anchor>
          ) : (
            <Text size="sm" c="dimmed">
              {one.run_id}
            </Text>
          )
        ) : (
          ""
        ),
    },
  ];
  if (onLook) {
    columns.push({
      key: "look",
      title: "",
      end: true,
      phone: "corner",
      render: (one) =>
        one.readable ? (
          <Button size="compact-sm" variant="subtle" aria-label={t("explore.lookAt", { version: one.version })} onClick={() => onLook(one.version)}>
            {t("explore.look")}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {t("explore.notKept")}
          </Text>
        ),
    });
  }
  return <DataTable label={t("explore.versions")} columns={columns} rows={versions} keyOf={(one) => String(one.version)} />;
}

function Compare({ table, versions }: { table: Table; versions: Version[] }) {
  const { t, language } = useSpeech();
  const numbers = versions.map((one) => one.version);
  const [chosen, choose] = useState<{ old?: number; new?: number }>({});
  const newer = chosen.new ?? numbers[0];
  const older = chosen.old ?? numbers.find((one) => newer !== undefined && one < newer);
  if (newer === undefined || numbers.length < 2) {
    return (
      <Panel title={t("explore.compare")}>
        <Text c="dimmed">{t("explore.oneVersion")}</Text>
      </Panel>
    );
  }
  const moment = new Intl.DateTimeFormat(region(language), { dateStyle: "short", timeStyle: "short" });
  const options = (fits: (version: number) => boolean) =>
    versions
      .filter((one) => fits(one.version))
      .map((one) => ({ value: String(one.version), label: t("explore.versionAt", { version: String(one.version), at: moment.format(new Date(one.at)) }) }));
  return (
    <Panel title={t("explore.compare")} hint={t("explore.compareHint")}>
      <Stack>
        <Group grow preventGrowOverflow={false}>
          <Select
            label={t("explore.from")}
            data={options((one) => one < newer)}
            value={older === undefined ? null : String(older)}
            onChange={(next) => choose({ ...chosen, old: Number(next) })}
            allowDeselect={false}
          />
          <Select
            label={t("explore.to")}
            data={options((one) => older === undefined || one > older)}
            value={String(newer)}
            onChange={(next) => choose({ old: older, new: Number(next) })}
            allowDeselect={false}
          />
        </Group>
        {older === undefined ? null : <Difference table={table} older={older} newer={newer} />}
      </Stack>
    </Panel>
  );
}

function Difference({ table, older, newer }: { table: Table; older: number; newer: number }) {
  const { t } = useSpeech();
  const between = { old: older, new: newer };
  const path = { table: table.id };
  const summary = useQuery({
    queryKey: ["catalog", "difference", table.id, older, newer, "summary"],
    queryFn: () => data(api.GET("/api/v1/catalog/tables/{table}/difference/summary", { params: { path, query: between } })),
  });
  const changes = useInfiniteQuery({
    queryKey: ["catalog", "difference", table.id, older, newer],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      data(api.GET("/api/v1/catalog/tables/{table}/difference", { params: { path, query: { ...between, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = changes.data?.pages[0];
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const kinds = new Map(table.columns.map((one) => [one.name, one]));
  return (
    <Stack gap="sm">
      <Group gap="4px 1.25rem" role="status">
        {summary.data ? (
          <>
            <Text size="sm" fw={600} c={summary.data.added ? "var(--towpath-good)" : "dimmed"}>
              {t("explore.added", { n: summary.data.added })}
            </Text>
            <Text size="sm" fw={600} c={summary.data.removed ? "var(--towpath-bad)" : "dimmed"}>
              {t("explore.removed", { n: summary.data.removed })}
            </Text>
            <Text size="sm" fw={600} c={summary.data.changed ? "var(--mantine-color-anchor)" : "dimmed"}>
              {t("explore.changedRows", { n: summary.data.changed })}
            </Text>
          </>
        ) : null}
      </Group>
      {first?.columns_added.length ? <Text size="sm">{t("explore.newColumns", { list: first.columns_added.join(", ") })}</Text> : null}
      {first?.columns_removed.length ? <Text size="sm">{t("explore.lostColumns", { list: first.columns_removed.join(", ") })}</Text> : null}
      <ProblemAlert error={changes.error} />
      {first && items.length === 0 ? <Text c="dimmed">{t("explore.same")}</Text> : null}
      <Stack gap={0} component="ul" p={0} m={0} aria-label={t("explore.differences")} style={{ listStyle: "none" }}>
        {items.map((change) => (
          <Line key={`${change.kind}${change.id}`} change={change} columns={kinds} />
        ))}
      </Stack>
      {changes.hasNextPage ? (
        <Button variant="default" loading={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()} style={{ alignSelf: "center" }}>
          {t("explore.more")}
        </Button>
      ) : null}
    </Stack>
  );
}

const colors = { added: "var(--towpath-good)", removed: "var(--towpath-bad)", changed: "var(--mantine-color-anchor)" } as const;

function Line({ change, columns }: { change: Change; columns: Map<string, Schemas["ColumnOut"]> }) {
  const { t, language } = useSpeech();
  const row = change.new ?? change.old ?? {};
  const name = String(row.display_name ?? row.name ?? "");
  const value = (from: Record<string, unknown> | null | undefined, column: string) =>
    shown(from?.[column], columns.get(column)?.kind ?? "text", language) || t("explore.nothing");
  return (
    <Group component="li" gap="md" py={8} wrap="nowrap" align="flex-start" style={{ borderBlockStart: "1px solid var(--mantine-color-default-border)" }}>
      <Text size="sm" fw={600} c={colors[change.kind]} miw={72} style={{ flexShrink: 0 }}>
        {t(`explore.kind.${change.kind}`)}
      </Text>
      <Stack gap={2} style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {name && name !== String(change.id) ? `${name} ` : ""}
          <Text span size="sm" c="dimmed" fw={400}>
            {t("explore.record", { id: String(change.id) })}
            {change.state ? ` · ${change.state}` : ""}
          </Text>
        </Text>
        {change.columns
          // A link to another record is told by its name where that is another as well.
          .filter((column) => column !== "write_date" && !change.columns.includes(`${column}__name`))
          .map((column) => (
            <Text key={column} size="sm" style={{ overflowWrap: "anywhere" }}>
              <Text span size="sm" c="dimmed">
                {columns.get(column)?.label ?? column}:{" "}
              </Text>
              <Text span size="sm" td="line-through" c="dimmed">
                {value(change.old, column)}
              </Text>
              {" → "}
              {value(change.new, column)}
            </Text>
          ))}
      </Stack>
    </Group>
  );
}
