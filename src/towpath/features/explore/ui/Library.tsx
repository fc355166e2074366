import { ActionIcon, Badge, Button, Code, CopyButton, Group, ScrollArea, Select, Stack, Tabs, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconCopy, IconPlayerPlay, IconSearch, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { useConfirm } from "@ui/parts/confirm";
import { Loaded } from "@ui/parts/Loaded";
import { TimeAgo } from "@ui/parts/TimeAgo";
import classes from "./Library.module.css";
import { readyQueries } from "./Starters";

type Saved = Schemas["SavedOut"];
type Ready = Schemas["ReadyOut"];

interface Props {
  /** The saved query that is open. */
  open: string | null;
  onSaved: (query: Saved) => void;
  onReady: (query: Ready) => void;
  onSql: (sql: string) => void;
}

/** What can be begun with: saved queries, ready ones, and what was run before. */
export function Library(props: Props) {
  const { t } = useSpeech();
  return (
    <Tabs defaultValue="saved" keepMounted={false}>
      <Tabs.List grow mb="sm" aria-label={t("explore.queries")}>
        {(["saved", "ready", "history"] as const).map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`explore.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="saved">
        <SavedList {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="ready">
        <ReadyList onReady={props.onReady} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <HistoryList onSql={props.onSql} />
      </Tabs.Panel>
    </Tabs>
  );
}

function SavedList({ open, onSaved }: Props) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const [search, setSearch] = useState("");
  const [word] = useDebouncedValue(search.trim(), 200);
  const query = useQuery({
    queryKey: ["queries", "saved", word],
    queryFn: () => data(api.GET("/api/v1/queries", { params: { query: { search: word, limit: 500 } } })),
  });
  const remove = (one: Saved) =>
    ask({
      title: t("explore.removeQuery", { title: one.title }),
      body: t("explore.removeSure"),
      action: t("shell.remove"),
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/queries/{query}", { params: { path: { query: one.id }, header: { "If-Match": "*" } } });
        await cache.invalidateQueries({ queryKey: ["queries", "saved"] });
      },
    });
  return (
    <Stack gap="xs">
      {dialog}
      {search || word || query.data?.items.length ? (
        <TextInput
          type="search"
          size="sm"
          aria-label={t("explore.findQuery")}
          placeholder={t("explore.findQuery")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      <Loaded query={query}>
        {(page) =>
          page.items.length ? (
            <Stack component="ul" gap={2} className={classes.list}>
              {page.items.map((one) => (
                <li key={one.id} className={`${classes.entry} ${one.id === open ? classes.chosen : ""}`}>
                  <UnstyledButton className={classes.open} aria-label={t("explore.openQuery", { title: one.title })} onClick={() => onSaved(one)}>
                    <Text size="sm" fw={600}>
                      {one.title}
                    </Text>
                    <Group gap={6}>
                      <Text size="xs" c="dimmed">
                        {one.mine ? t("explore.mine") : t("explore.by", { owner: one.owner })}
                      </Text>
                      {one.shared_with.length ? <Badge size="xs">{t("explore.shared")}</Badge> : null}
                    </Group>
                  </UnstyledButton>
                  {one.mine ? (
                    <ActionIcon variant="subtle" color="gray" aria-label={t("explore.removeQuery", { title: one.title })} onClick={() => remove(one)}>
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  ) : null}
                </li>
              ))}
            </Stack>
          ) : (
            <Text size="sm" c="dimmed" p="xs">
              {t("explore.noSaved")}
            </Text>
          )
        }
      </Loaded>
    </Stack>
  );
}

const dialects = [
  { value: "duckdb", label: "DuckDB (Towpath)" },
  { value: "athena", label: "Athena (AWS)" },
  { value: "bigquery", label: "BigQuery (Google Cloud)" },
];

function ReadyList({ onReady }: Pick<Props, "onReady">) {
  const { t } = useSpeech();
  const [chosen, choose] = useState<string | null>(null);
  const query = useQuery(readyQueries);
  return (
    <Loaded query={query}>
      {(page) => (
        <Stack gap="md">
          {(["payments", "quotations", "invoices"] as const).map((topic) => (
            <Stack key={topic} gap={2}>
              <Text size="xs" fw={700} c="dimmed" tt="uppercase" px="xs" style={{ letterSpacing: "0.05em" }}>
                {t(`explore.topic.${topic}`)}
              </Text>
              <Stack component="ul" gap={2} className={classes.list}>
                {page.items
                  .filter((one) => one.topic === topic)
                  .map((one) => (
                    <li key={one.name} className={`${classes.entry} ${classes.tall} ${one.name === chosen ? classes.chosen : ""}`}>
                      <UnstyledButton className={classes.open} aria-expanded={one.name === chosen} onClick={() => choose(one.name === chosen ? null : one.name)}>
                        <Text size="sm" fw={600}>
                          {said(one.title)}
                        </Text>
                        {one.about ? (
                          <Text size="xs" c="dimmed">
                            {said(one.about)}
                          </Text>
                        ) : null}
                      </UnstyledButton>
                      {one.name === chosen ? <ReadyOne query={one} onReady={onReady} /> : null}
                    </li>
                  ))}
              </Stack>
            </Stack>
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

function ReadyOne({ query, onReady }: { query: Ready; onReady: (query: Ready) => void }) {
  const { t } = useSpeech();
  const [dialect, setDialect] = useState("duckdb");
  const text = useQuery({
    queryKey: ["queries", "ready", query.name, dialect],
    queryFn: () => data(api.GET("/api/v1/queries/ready/{name}", { params: { path: { name: query.name }, query: { dialect } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const sql = text.data?.sql ?? query.sql;
  return (
    <Stack gap="xs" px="xs" pb="xs">
      {query.missing.length ? (
        <Text size="xs" c="var(--towpath-warn)">
          {t("explore.needs", { list: query.missing.join(", ") })}
        </Text>
      ) : null}
      <Select size="xs" label={t("explore.dialect")} data={dialects} value={dialect} onChange={(next) => setDialect(next ?? "duckdb")} allowDeselect={false} />
      <ScrollArea.Autosize mah={220} type="auto" viewportProps={{ tabIndex: 0, "aria-label": t("explore.editor") }}>
        <Code block className={classes.sql}>
          {sql}
        </Code>
      </ScrollArea.Autosize>
      <Group gap="xs">
        <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} disabled={query.missing.length > 0} onClick={() => onReady(query)}>
          {t("explore.useIt")}
        </Button>
        <CopyButton value={sql}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />} onClick={copy}>
              {copied ? t("shell.copied") : t("explore.copySql")}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}

function HistoryList({ onSql }: Pick<Props, "onSql">) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const query = useQuery({
    queryKey: ["queries", "history"],
    queryFn: () => data(api.GET("/api/v1/queries/history", { params: { query: { limit: 50 } } })),
    staleTime: 0,
  });
  return (
    <Loaded query={query}>
      {(page) =>
        page.items.length ? (
          <Stack gap="xs">
            {dialog}
            <Stack component="ul" gap={2} className={classes.list}>
              {page.items.map((one) => (
                <li key={one.id} className={classes.entry}>
                  <UnstyledButton className={classes.open} onClick={() => onSql(one.sql)}>
                    <Text size="xs" ff="monospace" lineClamp={2}>
                      {one.sql}
                    </Text>
                    <Text size="xs" c={one.state === "failed" ? "var(--towpath-bad)" : "dimmed"}>
                      <TimeAgo at={one.at} />
                      {one.state === "succeeded" ? ` · ${t("explore.rowCount", { n: one.rows })}` : ""}
                      {one.message ? ` · ${said(one.message)}` : ""}
                    </Text>
                  </UnstyledButton>
                </li>
              ))}
            </Stack>
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() =>
                ask({
                  title: t("explore.forget"),
                  body: t("explore.forgetSure"),
                  action: t("explore.forget"),
                  run: async () => {
                    await api.DELETE("/api/v1/queries/history");
                    await cache.invalidateQueries({ queryKey: ["queries", "history"] });
                  },
                })
              }
            >
              {t("explore.forget")}
            </Button>
          </Stack>
        ) : (
          <Text size="sm" c="dimmed" p="xs">
            {t("explore.noHistory")}
          </Text>
        )
      }
    </Loaded>
  );
}
