import { Alert, Anchor, Box, Button, Group, List, SimpleGrid, Stack, Text, Timeline } from "@mantine/core";
import { IconBandage, IconInfoCircle, IconPlayerPlayFilled, IconPlayerStopFilled } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { said } from "@ui/i18n/said";
import { Loaded } from "@ui/parts/Loaded";
import { failed } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import { useEvents } from "@ui/parts/useEvents";
import { may, useSession } from "@ui/session";
import { isOpen, type LogLine, type Run } from "./live";
import { Doing, eventKey, State } from "./shown";
import { Numbers } from "./Numbers";
import { Proof } from "./Proof";

type Detail = Schemas["RunDetail"];

/** One run: live while it lasts, then what it did, what it cost and what would repair it. */
export default function RunPage() {
  const { runId } = useParams({ strict: false }) as { runId: string };
  return <OneRun key={runId} runId={runId} />;
}

function OneRun({ runId }: { runId: string }) {
  const client = useQueryClient();
  const [live, setLive] = useState<{ run?: Run; lines: Record<number, LogLine> }>({ lines: {} });
  const query = useQuery({
    queryKey: ["run", runId],
    queryFn: () => data(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } })),
  });
  const follow = query.data && isOpen(query.data.state) ? `/api/v1/runs/${query.data.id}/events` : null;
  useEvents<Run | LogLine>(follow, ["run", "log", "end"], (name, event) => {
    if (name === "run") setLive((before) => ({ ...before, run: event as Run }));
    if (name === "log") {
      const line = event as LogLine;
      setLive((before) => ({ ...before, lines: { ...before.lines, [line.number]: line } }));
    }
    if (name === "end") void client.invalidateQueries({ queryKey: ["run", runId] });
  });
  return (
    <Loaded query={query} lines={8}>
      {(loaded) => {
        const lines: Record<string, LogLine> = { ...Object.fromEntries(loaded.log.map((line) => [line.number, line])), ...live.lines };
        const log = Object.values(lines).sort((one, other) => one.number - other.number);
        const now = live.run && isOpen(loaded.state) ? live.run : loaded;
        return <Shown run={{ ...loaded, ...now, progress: isOpen(now.state) ? (log.at(-1) ?? null) : null, log }} />;
      }}
    </Loaded>
  );
}

function Shown({ run }: { run: Detail }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: session } = useSession();
  const mayRun = may(session, "run");
  const path = { params: { path: { run_id: run.id } } };
  const act = useMutation({
    mutationFn: (what: "cancel" | "retry") =>
      what === "cancel" ? data(api.POST("/api/v1/runs/{run_id}/cancel", path)) : data(api.POST("/api/v1/runs/{run_id}/retry", path)),
    onSuccess: (answer, what) => {
      if (what === "retry") void navigate({ to: `/runs/${answer.id}` });
      void client.invalidateQueries({ queryKey: ["run", run.id] });
    },
    onError: (error) => failed(error, t),
  });
  const exact = (at: string | null) =>
    at ? new Intl.DateTimeFormat(region(language), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at)) : "–";
  return (
    <>
      <PageHeader
        title={run.stream}
        back={{ to: `/streams/${run.stream_id}`, title: run.stream }}
        beside={<State state={run.state} kind={run.kind} />}
        lead={
          <>
            {t(`replicate.kind.${run.kind}`)} · <TimeAgo at={run.started_at ?? run.created_at} />
          </>
        }
        actions={
          mayRun ? (
            isOpen(run.state) ? (
              <Button
                variant="default"
                leftSection={<IconPlayerStopFilled size={16} aria-hidden />}
                loading={act.isPending}
                onClick={() => act.mutate("cancel")}
              >
                {t("replicate.cancelRun")}
              </Button>
            ) : (
              <Button leftSection={<IconPlayerPlayFilled size={16} aria-hidden />} loading={act.isPending} onClick={() => act.mutate("retry")}>
                {t("replicate.runAgain")}
              </Button>
            )
          ) : null
        }
      />
      <Stack gap="lg">
        {isOpen(run.state) ? (
          <Panel>
            <Box aria-live="polite">
              <Doing run={run} />
            </Box>
          </Panel>
        ) : null}
        {run.state === "failed" ? (
          <Alert color="red" icon={<IconInfoCircle aria-hidden />} title={t("replicate.whyFailed")}>
            {said(run.message ?? "")}
          </Alert>
        ) : null}
        {run.repair ? (
          <Alert color="canal" icon={<IconBandage aria-hidden />} title={t(run.state === "cancelled" ? "replicate.whatNext" : "replicate.whatRepairs")}>
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{t(`replicate.repair.${run.repair.action}`)}</Text>
              <RepairLink run={run} />
            </Stack>
          </Alert>
        ) : null}
        <Numbers
          items={[
            { title: t("replicate.read"), value: run.rows_read },
            { title: t("replicate.new"), value: run.rows_inserted },
            { title: t("replicate.changed"), value: run.rows_updated },
            { title: t("replicate.deleted"), value: run.rows_deleted },
            { title: t("replicate.calls"), value: run.calls },
            { title: t("replicate.received"), text: megabytes(run.bytes, language) },
            { title: t("replicate.took"), text: isOpen(run.state) ? <Since at={run.started_at} /> : lasted(run.seconds, language) },
            { title: t("replicate.attempts"), value: run.attempts },
          ]}
        />
        {run.remarks.length ? (
          <Panel title={t("replicate.remarks")}>
            <List spacing="xs" size="sm">
              {run.remarks.map((remark) => (
                <List.Item key={remark}>{said(remark)}</List.Item>
              ))}
            </List>
          </Panel>
        ) : null}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Panel title={t("replicate.log")}>
            {run.log.length ? (
              <Timeline active={run.log.length} bulletSize={14} lineWidth={2}>
                {run.log.map((line) => (
                  <Timeline.Item
                    key={line.number}
                    title={
                      <Group justify="space-between" gap="xs">
                        <Text size="sm" fw={550}>
                          {eventKey(line.event) === "other" ? line.event : t(`replicate.event.${eventKey(line.event)}`)}
                        </Text>
                        <Text size="xs" c="dimmed">
                          {new Intl.DateTimeFormat(region(language), { timeStyle: "medium" }).format(new Date(line.at))}
                        </Text>
                      </Group>
                    }
                  >
                    <Text size="xs" c="dimmed">
                      {line.rows ? t("replicate.rows", { n: line.rows }) : ""}
                      {line.message ? `${line.rows ? " · " : ""}${said(line.message)}` : ""}
                    </Text>
                  </Timeline.Item>
                ))}
              </Timeline>
            ) : (
              <Text size="sm" c="dimmed">
                {t(run.kind === "idle" ? "replicate.logIdle" : "replicate.logGone")}
              </Text>
            )}
          </Panel>
          <Stack gap="lg">
            {run.proof ? <Proof proof={run.proof} /> : null}
            <Panel title={t("replicate.details")}>
              <Stack gap={6}>
                <Fact title={t("replicate.asked")} value={exact(run.created_at)} />
                <Fact title={t("replicate.began")} value={exact(run.started_at)} />
                <Fact title={t("replicate.endedAt")} value={exact(run.ended_at)} />
                <Fact title={t("replicate.model")} value={run.model} />
                <Fact
                  title={t("replicate.table")}
                  value={
                    <Anchor component={Link} to={`/catalog/${run.path.replaceAll("/", ".")}`} size="sm">
                      {run.path}
                    </Anchor>
                  }
                />
                {run.batch ? (
                  <Fact
                    title={t("replicate.batchTitle")}
                    value={
                      <Anchor component={Link} to={`/batches/${run.batch}`} size="sm">
                        {t("replicate.batchNumber", { number: String(run.batch) })}
                      </Anchor>
                    }
                  />
                ) : null}
                <Fact title={t("replicate.id")} value={run.id} />
              </Stack>
            </Panel>
          </Stack>
        </SimpleGrid>
      </Stack>
    </>
  );
}

/** How long it has been at it, second by second. */
function Since({ at }: { at: string | null }) {
  const { language } = useSpeech();
  const [now, look] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => look(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  // The two clocks may differ by a little.
  return at ? lasted(Math.max(0, Math.round((now - Date.parse(at)) / 1_000)), language) : "–";
}

function Fact({ title, value }: { title: string; value: ReactNode }) {
  return (
    <Group justify="space-between" gap="md" wrap="nowrap" align="flex-start">
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <Text size="sm" ta="end" style={{ overflowWrap: "anywhere" }}>
        {value}
      </Text>
    </Group>
  );
}

function RepairLink({ run }: { run: Detail }) {
  const { t } = useSpeech();
  const action = run.repair?.action;
  if (action === "settings" || action === "rights")
    return (
      <Anchor component={Link} to={`/streams/${run.stream_id}`} size="sm">
        {t("replicate.toSettings")}
      </Anchor>
    );
  if (action === "key" || action === "address")
    return (
      <Button component={Link} to={`/sources/${run.connection_id}`} search={{ mend: action } as never} size="xs" variant={action === "key" ? "filled" : "default"}>
        {t(action === "key" ? "replicate.newKey" : "replicate.toSource")}
      </Button>
    );
  return null;
}

function megabytes(bytes: number, language: string): string {
  const large = bytes >= 1_000_000;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: large ? "megabyte" : "kilobyte",
    maximumFractionDigits: 1,
  }).format(bytes / (large ? 1_000_000 : 1_000));
}
