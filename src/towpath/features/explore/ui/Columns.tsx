import { Anchor, Code, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useSpeech } from "@ui/i18n";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { Panel } from "@ui/parts/Panel";
import type { Table, TableColumn } from "./useTable";

/** The columns of a table with Odoo's labels, help and types. */
export function Columns({ table }: { table: Table }) {
  const { t } = useSpeech();
  const [word, setWord] = useState("");
  const [own, setOwn] = useState(false);
  const wanted = word.trim().toLowerCase();
  const rows = table.columns.filter(
    (column) => (own || !column.system) && `${column.name} ${column.label} ${column.help}`.toLowerCase().includes(wanted),
  );
  const columns: Column<TableColumn>[] = [
    {
      key: "label",
      title: t("explore.label"),
      render: (column) => (
        <Stack gap={2}>
          <Text fw={600} size="sm">
            {column.label}
          </Text>
          {column.help ? (
            <Text size="xs" c="dimmed" maw="34rem">
              {column.help}
            </Text>
          ) : null}
          {column.selection.length ? (
            <Text size="xs" c="dimmed" maw="34rem">
              {t("explore.choices", { list: column.selection.slice(0, 12).map(([, label]) => label).join(", ") })}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    { key: "name", title: t("explore.column"), phone: "plain", render: (column) => <Code>{column.name}</Code> },
    {
      key: "type",
      title: t("explore.type"),
      phone: "plain",
      render: (column) => (
        <Stack gap={2} align="flex-start">
          <Text size="sm">{column.type}</Text>
          <Group gap={6}>
            {column.relation ? (
              <Anchor size="xs" component={Link} to="/catalog" search={{ view: "relations" } as never}>
                {t("explore.leadsTo", { model: column.relation })}
              </Anchor>
            ) : null}
            {column.personal ? (
              <Text size="xs" c="var(--towpath-warn)">
                {t("explore.personal", { kind: column.personal })}
              </Text>
            ) : null}
            {column.masked ? (
              <Text size="xs" c="dimmed">
                {column.masked === "masked" ? t("explore.secret") : t("explore.masked", { how: column.masked })}
              </Text>
            ) : null}
          </Group>
        </Stack>
      ),
    },
  ];
  return (
    <Stack>
      <Group>
        <TextInput
          type="search"
          aria-label={t("explore.findColumn")}
          placeholder={t("explore.findColumn")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
        <Switch label={t("explore.ownColumns")} checked={own} onChange={(event) => setOwn(event.currentTarget.checked)} />
      </Group>
      <Panel flush>
        <DataTable label={t("explore.columns")} columns={columns} rows={rows} keyOf={(column) => column.name} />
      </Panel>
    </Stack>
  );
}
