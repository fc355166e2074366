import { Alert, Anchor, Button, Stack } from "@mantine/core";
import { IconInfoCircle, IconPlayerPlayFilled, IconPlugConnected, IconPlus, IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { type Connection, newest, useLiveRuns } from "./live";
import { Numbers } from "./Numbers";
import { PageMenu } from "./PageMenu";
import { RunsTable } from "./RunsTable";
import { State } from "./shown";
import { Refused, SourceKey } from "./SourceKey";
import { SourceLimits } from "./SourceLimits";
import { SourceSettings } from "./SourceSettings";
import { StreamsTable } from "./StreamsTable";

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
  const asked = useSearch({ strict: false }) as { mend?: string };
  const [editing, setEditing] = useState(asked.mend === "address");
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
  const failing = items.filter((one) => one.last_run?.state === "failed" && one.last_run.repair?.action === "key");
  // A key that was set since has not been refused yet.
  const since = known.key ? Date.parse(known.key.set_at) : 0;
  const refused = known.mend === "key" || failing.some((one) => Date.parse(one.last_run?.ended_at ?? "") > since);
  const first = refused || asked.mend === "key";
  const key = known.key ? <SourceKey known={known} refused={refused} failing={failing} asked={asked.mend === "key"} /> : null;
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
            <PageMenu
              actions={[
                { label: t("replicate.test"), run: () => test.mutate(), disabled: !may("run") && !may("connect") },
                { label: t("replicate.sourceSettings"), run: () => setEditing(true), disabled: !may("connect") },
              ]}
              remove={{
                title: t("replicate.removeSource", { name: known.name }),
                body: t("replicate.removeSourceHint"),
                disabled: !may("connect"),
                run: async () => {
                  await api.DELETE("/api/v1/connections/{connection_id}", path);
                  void client.invalidateQueries();
                  void navigate({ to: "/sources" });
                },
              }}
            />
          </>
        }
      />
      {editing ? <SourceSettings known={known} close={() => setEditing(false)} /> : null}
      <Stack gap="lg">
        {test.data || test.isPending ? (
          <Alert
            aria-live="polite"
            color={test.data?.ok === false ? "red" : "canal"}
            icon={test.data?.ok === false ? <IconInfoCircle aria-hidden /> : <IconStethoscope aria-hidden />}
          >
            {test.data ? said(test.data.sentence) : t("replicate.testing")}
          </Alert>
        ) : known.test_ok === false && !refused ? (
          <Alert color="red" icon={<IconInfoCircle aria-hidden />} title={t("replicate.broken")}>
            {said(known.test_message ?? "")}
          </Alert>
        ) : null}
        {refused ? <Refused known={known} why={known.mend === "key" ? known.test_message : (failing[0]?.last_run?.message ?? null)} /> : null}
        {first ? key : null}
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
        {first ? null : key}
        <SourceLimits known={known} />
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
