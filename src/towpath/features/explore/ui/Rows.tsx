import { Badge, Button, Group, Select, Stack, Switch, Text } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import type { GridApi } from "ag-grid-community";
import { useCallback, useMemo, useRef, useState } from "react";
import { api, data } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import BlockGrid, { type Answered, type Asked } from "./BlockGrid";
import { conditions } from "./conditions";
import { type Table, useVersions } from "./useTable";

interface Props {
  table: Table;
  /** An earlier version to look at; the newest without. */
  version?: number;
  onVersion: (version: number | undefined) => void;
}

const which = ["current", "all", "deleted"] as const;
type Which = (typeof which)[number];

/** The rows of a table, in the state of any version that is kept. */
export default function Rows({ table, version, onVersion }: Props) {
  const { t, language } = useSpeech();
  const { data: versions } = useVersions(table.id);
  const { connection, company } = useConnection();
  // The company chosen in the header narrows tables of its connection that say whose a row is.
  const whose = company && table.connection === connection?.name && table.columns.some((one) => one.name === "company_id") ? company : null;
  const companyId = whose?.id ?? null;
  const [rows, setRows] = useState<Which>("current");
  const [own, setOwn] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [facts, setFacts] = useState<{ total: number; cut: boolean } | null>(null);
  const [filtered, setFiltered] = useState(false);
  const grid = useRef<GridApi | null>(null);
  const columns = useMemo(
    () =>
      table.columns
        .filter((column) => own || rows === "deleted" || !column.system)
        // What is mostly empty or technical stands behind what people look for.
        .sort((one, other) => Number(one.kind === "list" || one.masked !== "") - Number(other.kind === "list" || other.masked !== ""))
        .map((column) => ({ name: column.name, label: column.label, kind: column.kind, hint: column.help ? `${column.name}: ${column.help}` : column.name })),
    [table.columns, own, rows],
  );
  const moments = useMemo(() => new Set(table.columns.filter((one) => one.kind === "datetime").map((one) => one.name)), [table.columns]);
  // Blocks of one look fit together, whatever is written meanwhile.
  const pinned = version ?? table.version ?? undefined;
  const load = useCallback(
    async (asked: Asked): Promise<Answered> => {
      const filter = conditions(asked.filter, moments);
      if (companyId !== null) filter.push({ column: "company_id", operator: "eq", value: companyId });
      const answer = await data(
        api.GET("/api/v1/catalog/tables/{table}/rows", {
          params: {
            path: { table: table.id },
            query: {
              start: asked.start,
              limit: asked.limit,
              columns: asked.columns.join(","),
              sort: asked.sort.map((one) => (one.sort === "desc" ? `-${one.colId}` : one.colId)).join(","),
              filter: filter.length ? JSON.stringify(filter) : "",
              rows,
              version: pinned,
            },
          },
        }),
      );
      setError(null);
      setFacts({ total: answer.total, cut: answer.cut });
      return { rows: answer.rows, columns: answer.columns, total: answer.total };
    },
    [table.id, rows, pinned, moments, companyId],
  );
  const moment = new Intl.DateTimeFormat(region(language), { dateStyle: "short", timeStyle: "short" });
  const states = (versions?.items ?? [])
    .filter((one) => one.readable && one.version !== table.version)
    .map((one) => ({ value: String(one.version), label: t("explore.versionAt", { version: String(one.version), at: moment.format(new Date(one.at)) }) }));
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <Select
          label={t("explore.state")}
          w={250}
          data={[{ value: "", label: t("explore.now") }, ...states]}
          value={version === undefined ? "" : String(version)}
          onChange={(next) => onVersion(next ? Number(next) : undefined)}
          allowDeselect={false}
        />
        <Select
          label={t("explore.which")}
          w={190}
          data={which.map((one) => ({ value: one, label: t(`explore.which.${one}`) }))}
          value={rows}
          onChange={(next) => setRows((next ?? "current") as Which)}
          allowDeselect={false}
        />
        <Switch label={t("explore.ownColumns")} checked={own} onChange={(event) => setOwn(event.currentTarget.checked)} mb={8} />
        {filtered ? (
          <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={() => grid.current?.setFilterModel(null)}>
            {t("explore.clearFilter")}
          </Button>
        ) : null}
        {whose ? <Badge mb={10}>{t("explore.ofCompany", { name: whose.name })}</Badge> : null}
        <Text size="sm" c="dimmed" ms="auto" mb={8} role="status">
          {facts ? t("explore.rowCount", { n: facts.total }) : ""}
          {facts?.cut ? ` ${t("explore.cutView")}` : ""}
        </Text>
      </Group>
      <ProblemAlert error={error} />
      <BlockGrid
        label={t("explore.grid", { table: table.name })}
        columns={columns}
        load={load}
        ordered
        onError={setError}
        onFilter={setFiltered}
        onReady={(ready) => {
          grid.current = ready;
        }}
      />
    </Stack>
  );
}
