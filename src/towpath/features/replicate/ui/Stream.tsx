import { Alert, Anchor, Box, Button, Group, List, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconPencil, IconPlayerPlayFilled, IconTable } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { said } from "@ui/i18n/said";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import { lengthWords, secondsText } from "./length";
import { isOpen, newest, type Stream, useLiveRuns } from "./live";
import { Numbers } from "./Numbers";
import { PageMenu } from "./PageMenu";
import { Proof } from "./Proof";
import { RunsTable } from "./RunsTable";
import { Doing, maskWords, State } from "./shown";
import { StreamSettings } from "./StreamSettings";
import { whenWords } from "./when";

/** One stream: how it stands, how it is kept, and what it did. */
export default function StreamPage() {
  const { streamId } = useParams({ strict: false }) as { streamId: string };
  const stream = useQuery({
    queryKey: ["stream", streamId],
    queryFn: async () => {
      const answer = await api.GET("/api/v1/streams/{stream_id}", { params: { path: { stream_id: streamId } } });
      return { stream: answer.data as Stream, etag: answer.response.headers.get("ETag") ?? "*" };
    },
  });
  return (
    <Loaded query={stream} lines={8}>
      {(loaded) => <Shown key={streamId} {...loaded} />}
    </Loaded>
  );
}

type Kind = "sync" | "full" | "verify";

function Shown({ stream, etag }: { stream: Stream; etag: string }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const client = useQueryClient();
  const live = useLiveRuns();
  const [editing, setEditing] = useState(false);
  const [notes, setNotes] = useState<string[]>([]);
  const path = { params: { path: { stream_id: stream.id } } };
  const status = useQuery({
    queryKey: ["status", stream.id],
    queryFn: () => data(api.GET("/api/v1/streams/{stream_id}/status", path)),
  });
  const runs = useQuery({
    queryKey: ["runs", "stream", stream.id],
    queryFn: () => data(api.GET("/api/v1/runs", { params: { query: { stream: stream.id, limit: 15 } } })),
  });
  const again = () => {
    for (const key of ["stream", "streams", "status", "runs", "sources"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const run = useMutation({
    mutationFn: (kind: Kind) => data(api.POST("/api/v1/runs", { body: { stream_ids: [stream.id], kind } })),
    onSuccess: again,
    onError: (error) => failed(error, t),
  });
  const pause = useMutation({
    mutationFn: () => data(stream.paused ? api.POST("/api/v1/streams/{stream_id}/resume", path) : api.POST("/api/v1/streams/{stream_id}/pause", path)),
    onSuccess: () => {
      done(t(stream.paused ? "replicate.resumed" : "replicate.paused"));
      again();
    },
    onError: (error) => failed(error, t),
  });
  const may = (right: string) => (stream.rights as string[]).includes(right);
  const now = newest(stream.last_run, live[stream.id]);
  const state = now && isOpen(now.state) ? now.state : stream.paused ? "paused" : (now?.state ?? "new");
  const told = status.data;
  return (
    <>
      <PageHeader
        title={stream.table_name}
        back={{ to: `/sources/${stream.connection_id}`, title: stream.connection }}
        beside={<State state={state} kind={now?.kind} />}
        lead={stream.description || `${stream.model} → ${stream.path}`}
        actions={
          <>
            {told && told.rows !== null ? (
              <Button component={Link} to={`/catalog/${stream.path.replaceAll("/", ".")}`} search={{ tab: "rows" } as never} variant="default" leftSection={<IconTable size={16} aria-hidden />}>
                {t("replicate.seeTable")}
              </Button>
            ) : null}
            {may("run") ? (
              <Button leftSection={<IconPlayerPlayFilled size={16} aria-hidden />} loading={run.isPending} onClick={() => run.mutate("sync")}>
                {t("replicate.runNow")}
              </Button>
            ) : null}
            <PageMenu
              actions={[
                { label: t("replicate.runFull"), run: () => run.mutate("full"), disabled: !may("run") },
                { label: t("replicate.prove"), run: () => run.mutate("verify"), disabled: !may("run") },
                {
                  label: t(stream.paused ? "replicate.resume" : "replicate.pause"),
                  run: () => pause.mutate(),
                  disabled: !may("run"),
                },
              ]}
              remove={{
                title: t("replicate.removeStream", { name: stream.table_name }),
                body: t("replicate.removeStreamHint"),
                disabled: !may("configure"),
                run: async () => {
                  await api.DELETE("/api/v1/streams/{stream_id}", path);
                  again();
                  void navigate({ to: `/sources/${stream.connection_id}` });
                },
              }}
            />
          </>
        }
      />
      <Stack gap="lg">
        {now && isOpen(now.state) ? (
          <Panel>
            <Group gap="xs 2rem">
              <Box flex="1 1 16rem">
                <Doing run={now} />
              </Box>
              <Anchor component={Link} to={`/runs/${now.id}`} size="sm">
                {t("replicate.toRun")}
              </Anchor>
            </Group>
          </Panel>
        ) : null}
        {told?.error ? (
          <Alert color="red" icon={<IconInfoCircle aria-hidden />} title={t("replicate.whyFailed")}>
            <Stack gap={4} align="flex-start">
              <Text size="sm">{said(told.error)}</Text>
              {now ? (
                <Anchor component={Link} to={`/runs/${now.id}`} size="sm">
                  {t("replicate.toRun")}
                </Anchor>
              ) : null}
            </Stack>
          </Alert>
        ) : null}
        {notes.length ? (
          <Alert color="canal" icon={<IconInfoCircle aria-hidden />} withCloseButton closeButtonLabel={t("shell.close")} onClose={() => setNotes([])}>
            <List size="sm">
              {notes.map((note) => (
                <List.Item key={note}>{said(note)}</List.Item>
              ))}
            </List>
          </Alert>
        ) : null}
        <Numbers
          items={[
            told?.rows === null ? { title: t("replicate.rowsTitle"), text: "–" } : { title: t("replicate.rowsTitle"), value: told?.rows ?? 0 },
            { title: t("replicate.behind"), text: told?.lag_seconds == null ? "–" : lasted(Math.round(told.lag_seconds), language) },
            { title: t("replicate.deleted"), value: told?.deletes.total ?? 0 },
            { title: t("replicate.callsOfDay"), value: told?.calls.last_24_hours ?? 0 },
            { title: t("replicate.runsOfDay"), value: told?.runs.last_24_hours ?? 0 },
            { title: t("replicate.failedOfDay"), value: told?.runs.failed_last_24_hours ?? 0 },
          ]}
        />
        {editing ? (
          <StreamSettings
            stream={stream}
            etag={etag}
            close={() => setEditing(false)}
            saved={(news) => {
              setNotes(news);
              setEditing(false);
              done(t("replicate.saved"));
              again();
            }}
          />
        ) : (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
            <Panel
              title={t("replicate.settings")}
              actions={
                may("configure") ? (
                  <Button size="xs" variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setEditing(true)}>
                    {t("shell.edit")}
                  </Button>
                ) : null
              }
            >
              <Facts stream={stream} />
            </Panel>
            {told?.last_proof ? (
              <Proof proof={told.last_proof} />
            ) : (
              <Panel title={t("replicate.proof")}>
                <Stack align="flex-start" gap="sm">
                  <Text size="sm" c="dimmed">
                    {t("replicate.noProof")}
                  </Text>
                  {may("run") ? (
                    <Button size="xs" variant="default" onClick={() => run.mutate("verify")}>
                      {t("replicate.prove")}
                    </Button>
                  ) : null}
                </Stack>
              </Panel>
            )}
          </SimpleGrid>
        )}
        <Panel title={t("replicate.history")} flush>
          <Loaded query={runs}>
            {(page) => (
              <RunsTable
                runs={page.items}
                live={live}
                alone
                empty={
                  <Text p="md" size="sm" c="dimmed">
                    {t("replicate.neverRun")}
                  </Text>
                }
              />
            )}
          </Loaded>
        </Panel>
      </Stack>
    </>
  );
}

function Facts({ stream }: { stream: Stream }) {
  const { t, language } = useSpeech();
  const often = (seconds: number) => lengthWords(secondsText(seconds), t);
  const list = (names: string[]) => new Intl.ListFormat(language).format(names);
  const facts: [string, React.ReactNode][] = [
    [t("replicate.model"), stream.model],
    [t("replicate.table"), stream.path],
    [t("replicate.syncType"), t(`replicate.sync.${stream.sync_type}`)],
    [t("replicate.versions"), t(stream.history ? "replicate.versionsKept" : "replicate.versionsNot")],
    [t("replicate.fields"), stream.fields ? list(stream.fields) : t("replicate.usualFields")],
    [t("replicate.filter"), stream.filter ?? t("replicate.allRecords")],
    [t("replicate.runsWhen"), stream.after_stream_id ? <After key="after" id={stream.after_stream_id} /> : whenWords(stream.schedule, t, language)],
    [t("replicate.nextRun"), stream.next_run_at && !stream.paused ? <Ahead key="next" at={stream.next_run_at} /> : "–"],
    [t("replicate.fullSync"), stream.full_schedule ? whenWords(stream.full_schedule, t, language) : t("replicate.full.never")],
    ...(stream.next_full_at && !stream.paused ? [[t("replicate.nextFull"), <Ahead key="nextFull" at={stream.next_full_at} />] as [string, React.ReactNode]] : []),
    [t("replicate.retention"), stream.retention ? lengthWords(stream.retention, t) : t("replicate.keep.usual")],
    [t("replicate.masks"), Object.entries(stream.masks).map(([field, how]) => `${field}: ${maskWords(how, t)}`).join(", ") || t("replicate.none")],
  ];
  // What is seldom set is told where it is set.
  if (stream.links) facts.push([t("replicate.links"), stream.links.includes("*") ? t("replicate.linksAll") : list(stream.links)]);
  if (stream.links_seconds != null) facts.push([t("replicate.linksEvery"), stream.links_seconds ? often(stream.links_seconds) : t("replicate.full.never")]);
  if (stream.names_seconds != null) facts.push([t("replicate.namesEvery"), stream.names_seconds ? often(stream.names_seconds) : t("replicate.full.never")]);
  if (stream.refresh_seconds) facts.push([t("replicate.refresh"), often(stream.refresh_seconds)]);
  if (stream.overlap_seconds != null) facts.push([t("replicate.overlap"), stream.overlap_seconds ? often(stream.overlap_seconds) : t("replicate.overlapNone")]);
  return (
    <Stack gap={8}>
      {facts.map(([title, value]) => (
        <Group key={title} justify="space-between" wrap="nowrap" align="flex-start" gap="lg">
          <Text size="sm" c="dimmed" style={{ flexShrink: 0 }} maw="55%">
            {title}
          </Text>
          <Text size="sm" ta="end" style={{ overflowWrap: "anywhere" }}>
            {value}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

/** A moment to come, with its day: "every 7 days" does not say which. */
function Ahead({ at }: { at: string }) {
  const { language } = useSpeech();
  const moment = new Intl.DateTimeFormat(region(language), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return (
    <>
      {moment.format(new Date(at))} · <TimeAgo at={at} />
    </>
  );
}

/** The stream that comes first, by its name where it may be seen. */
function After({ id }: { id: string }) {
  const { t } = useSpeech();
  const first = useQuery({
    queryKey: ["streams", "named", id],
    queryFn: () => data(api.GET("/api/v1/streams/{stream_id}", { params: { path: { stream_id: id } } })),
    retry: false,
  });
  if (!first.data) return <>{t("replicate.afterAnother")}</>;
  return (
    <>
      {t("replicate.afterStream")}{" "}
      <Anchor component={Link} to={`/streams/${id}`} size="sm">
        {first.data.table_name}
      </Anchor>
    </>
  );
}
