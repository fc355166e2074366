import { ActionIcon, Alert, Anchor, Button, Group, Menu, Modal, Select, SimpleGrid, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconDots, IconInfoCircle, IconPlayerPlayFilled, IconPlugConnected, IconPlus, IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { useConfirm } from "@ui/parts/confirm";
import { DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { type Connection, newest, type Run, type Stream, useLiveRuns } from "./live";
import { Numbers } from "./Numbers";
import { RunsTable } from "./RunsTable";
import { Behind, RunState, State } from "./shown";
import { whenWords } from "./when";

/** One source: its streams with live progress, the arrow that runs them, and what is known of the connection. */
export default function Source() {
  const { connectionId } = useParams({ strict: false }) as { connectionId: string };
  const connection = useQuery({
    queryKey: ["connection", connectionId],
    queryFn: () => data(api.GET("/api/v1/connections/{connection_id}", { params: { path: { connection_id: connectionId } } })),
  });
  return <Loaded query={connection}>{(known) => <Shown known={known} key={known.id} />}</Loaded>;
}

function Shown({ known }: { known: Connection }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const client = useQueryClient();
  const live = useLiveRuns();
  const { ask, dialog } = useConfirm();
  const [changing, setChanging] = useState<"address" | "witness" | null>(null);
  const path = { params: { path: { connection_id: known.id } } };
  const streams = useQuery({
    queryKey: ["streams", known.id],
    queryFn: () => data(api.GET("/api/v1/streams", { params: { query: { connection: known.id, limit: 500 } } })),
  });
  const runs = useQuery({
    queryKey: ["runs", "of", known.id],
    queryFn: () =>
      data(
        api.GET("/api/v1/runs", {
          params: { query: { connection: known.id, limit: 8, kind: ["sync", "full", "verify", "compare"] } },
        }),
      ),
  });
  const test = useMutation({
    mutationFn: () => data(api.POST("/api/v1/connections/{connection_id}/test", path)),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["connection", known.id] }),
    onError: (error) => failed(error, t),
  });
  const run = useMutation({
    mutationFn: (ids: string[] | null) =>
      data(
        api.POST("/api/v1/runs", {
          body: ids ? { stream_ids: ids, kind: "sync" } : { connection_id: known.id, kind: "sync" },
        }),
      ),
    onSuccess: (started) => {
      done(t("replicate.runsStarted", { n: started.runs.length }));
      for (const key of ["streams", "runs", "sources"]) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => failed(error, t),
  });
  const may = (right: string) => (known.rights as string[]).includes(right);
  const items = streams.data?.items ?? [];
  const add = may("configure") ? (
    <Button variant={items.length ? "default" : "filled"} component={Link} to="/sources/add" search={{ connection: known.id } as never} leftSection={<IconPlus size={18} aria-hidden />}>
      {t("replicate.addStreams")}
    </Button>
  ) : null;
  const open = items.filter((one) => ["queued", "running"].includes(newest(one.last_run, live[one.id])?.state ?? "")).length;
  return (
    <>
      <PageHeader
        title={known.name}
        back={{ to: "/sources", title: t("replicate.sources") }}
        beside={<State state={known.test_ok === false ? "broken" : "good"} />}
        lead={`Odoo ${known.version} · ${known.url}`}
        actions={
          <>
            {add}
            {may("run") && items.length ? (
              <Button leftSection={<IconPlayerPlayFilled size={16} aria-hidden />} loading={run.isPending && run.variables === null} onClick={() => run.mutate(null)}>
                {t("replicate.runAll")}
              </Button>
            ) : null}
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" size={36} aria-label={t("shell.more")}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => test.mutate()} disabled={!may("run") && !may("connect")}>
                  {t("replicate.test")}
                </Menu.Item>
                <Menu.Item onClick={() => setChanging("address")} disabled={!may("connect")}>
                  {t("replicate.move")}
                </Menu.Item>
                <Menu.Item onClick={() => setChanging("witness")} disabled={!may("connect")}>
                  {t("replicate.witness")}
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item
                  color="var(--mantine-color-error)"
                  disabled={!may("connect")}
                  onClick={() =>
                    ask({
                      title: t("replicate.removeSource", { name: known.name }),
                      body: t("replicate.removeSourceHint"),
                      action: t("shell.remove"),
                      danger: true,
                      run: async () => {
                        await api.DELETE("/api/v1/connections/{connection_id}", path);
                        void client.invalidateQueries();
                        void navigate({ to: "/sources" });
                      },
                    })
                  }
                >
                  {t("shell.remove")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      {dialog}
      <Change known={known} what={changing} close={() => setChanging(null)} />
      <Stack gap="lg">
        {test.data || test.isPending ? (
          <Alert
            aria-live="polite"
            color={test.data?.ok === false ? "red" : "canal"}
            icon={test.data?.ok === false ? <IconInfoCircle aria-hidden /> : <IconStethoscope aria-hidden />}
          >
            {test.data ? said(test.data.sentence) : t("replicate.testing")}
          </Alert>
        ) : known.test_ok === false ? (
          <Alert color="red" icon={<IconInfoCircle aria-hidden />} title={t("replicate.broken")}>
            {said(known.test_message ?? "")}
          </Alert>
        ) : null}
        <Numbers
          items={[
            { title: t("replicate.streams"), value: items.length },
            { title: t("replicate.running"), value: open },
            { title: t("replicate.callsPerMinute"), value: known.calls.calls_per_minute, below: known.calls.slowed_why ?? undefined },
            { title: t("replicate.tested"), text: <TimeAgo at={known.tested_at} /> },
          ]}
        />
        <Panel title={t("replicate.streams")} flush>
          <Loaded query={streams}>
            {() => (
              <StreamsTable
                streams={items}
                live={live}
                language={language}
                onRun={may("run") ? (id) => run.mutate([id]) : undefined}
                empty={
                  <EmptyState icon={IconPlugConnected} title={t("replicate.noStreams")} action={add}>
                    {t("replicate.noStreamsHint")}
                  </EmptyState>
                }
              />
            )}
          </Loaded>
        </Panel>
        {runs.data?.items.length ? (
          <Panel
            title={t("replicate.lastRuns")}
            flush
            actions={
              <Anchor component={Link} to="/runs" size="sm">
                {t("replicate.allRuns")}
              </Anchor>
            }
          >
            <RunsTable runs={runs.data.items} live={live} />
          </Panel>
        ) : null}
      </Stack>
    </>
  );
}

interface TableProps {
  streams: Stream[];
  live: Record<string, Run>;
  language: string;
  onRun?: (id: string) => void;
  empty: React.ReactNode;
}

function StreamsTable({ streams, live, language, onRun, empty }: TableProps) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  return (
    <DataTable
      label={t("replicate.streams")}
      rows={streams}
      keyOf={(one) => one.id}
      onOpen={(one) => void navigate({ to: `/streams/${one.id}` })}
      empty={empty}
      columns={[
        {
          key: "table",
          title: t("replicate.table"),
          render: (one) => (
            <Stack gap={0}>
              <Anchor component={Link} to={`/streams/${one.id}`} fw={600}>
                {one.table_name}
              </Anchor>
              <Text size="xs" c="dimmed">
                {one.model} · {one.layer}/{one.folder}
              </Text>
            </Stack>
          ),
        },
        { key: "state", title: t("replicate.stateTitle"), render: (one) => <RunState run={newest(one.last_run, live[one.id])} state={one.state} /> },
        { key: "behind", title: t("replicate.behind"), end: true, render: (one) => <Behind seconds={one.lag_seconds} /> },
        { key: "runs", title: t("replicate.runsWhen"), render: (one) => <Text size="sm">{one.after_stream_id ? t("replicate.afterAnother") : whenWords(one.schedule, t, language)}</Text> },
        { key: "last", title: t("replicate.lastRun"), render: (one) => <TimeAgo at={one.last_run?.created_at} /> },
        {
          key: "run",
          title: t("replicate.run"),
          end: true,
          render: (one) =>
            onRun ? (
              <Group justify="flex-end">
                <Tooltip label={t("replicate.runSource", { name: one.table_name })}>
                  <ActionIcon variant="light" radius="xl" size="lg" onClick={() => onRun(one.id)} aria-label={t("replicate.runSource", { name: one.table_name })}>
                    <IconPlayerPlayFilled size={15} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </Group>
            ) : null,
        },
      ]}
    />
  );
}

/** Another address of the same database, or the connection that may read more. */
function Change({ known, what, close }: { known: Connection; what: "address" | "witness" | null; close: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [url, setUrl] = useState(known.url);
  const [witness, setWitness] = useState<string | null>(known.witness_id ?? null);
  const others = useQuery({
    queryKey: ["connections"],
    queryFn: () => data(api.GET("/api/v1/connections", { params: { query: { limit: 500 } } })),
    enabled: what === "witness",
  });
  const save = useMutation({
    mutationFn: async () => {
      const path = { params: { path: { connection_id: known.id } } };
      const { response } = await api.GET("/api/v1/connections/{connection_id}", path);
      return api.PATCH("/api/v1/connections/{connection_id}", {
        params: { ...path.params, header: { "If-Match": response.headers.get("ETag") } },
        body: what === "address" ? { url, force: false } : { witness_id: witness, force: false },
      });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["connection", known.id] });
      done(t("replicate.saved"));
      close();
    },
  });
  return (
    <Modal opened={what !== null} onClose={close} title={t(what === "witness" ? "replicate.witness" : "replicate.move")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          {what === "address" ? (
            <TextInput data-autofocus label={t("replicate.address")} description={t("replicate.moveHint")} value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
          ) : (
            <Select
              data-autofocus
              clearable
              label={t("replicate.witnessLabel")}
              description={t("replicate.witnessHint")}
              value={witness}
              onChange={setWitness}
              data={others.data?.items.filter((one) => one.id !== known.id).map((one) => ({ value: one.id, label: one.name })) ?? []}
            />
          )}
          <ProblemAlert error={save.error} />
          <SimpleGrid cols={2}>
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("shell.save")}
            </Button>
          </SimpleGrid>
        </Stack>
      </form>
    </Modal>
  );
}
