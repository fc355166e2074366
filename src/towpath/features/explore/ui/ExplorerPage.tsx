import { Badge, Box, Button, Drawer, Group, Kbd, Loader, Paper, SegmentedControl, Stack, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconBook2, IconDeviceFloppy, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { PageHeader } from "@ui/parts/PageHeader";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { lasted } from "@ui/parts/TimeAgo";
import { AnswerChart } from "./AnswerChart";
import type { Answered, Asked } from "./BlockGrid";
import { type Chart, suggested } from "./chart";
import classes from "./Explorer.module.css";
import { ExportMenu } from "./ExportMenu";
import { Library } from "./Library";
import { NoTables } from "./NoTables";
import { SaveDialog } from "./SaveDialog";
import { Starters } from "./Starters";
import { type Answer, useRun } from "./useRun";

const SqlEditor = lazy(() => import("./SqlEditor"));
const BlockGrid = lazy(() => import("./BlockGrid"));

type Saved = Schemas["SavedOut"];
type Ready = Schemas["ReadyOut"];
const DRAFT = "towpath.draft";

/** SQL over the tables: write, run, draw, save, share, export. */
export default function ExplorerPage() {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { connection } = useConnection();
  const asked = useSearch({ strict: false }) as { table?: string; query?: string; as_of?: string };
  const [sql, setSql] = useState(() => sessionStorage.getItem(DRAFT) ?? "");
  const [asOf, setAsOf] = useState(asked.as_of ?? "");
  const [saved, setSaved] = useState<Saved | null>(null);
  const [ready, setReady] = useState("");
  const [chart, setChart] = useState<Chart | null>(null);
  const [view, setView] = useState<"table" | "chart">("table");
  const [saving, dialog] = useDisclosure();
  const [listed, drawer] = useDisclosure();
  const wide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  const { answer, error, busy, run, stop, clear } = useRun();
  const names = useQuery({
    queryKey: ["catalog", "completion"],
    queryFn: () => data(api.GET("/api/v1/catalog/completion")),
    staleTime: 60_000,
  });

  const go = useCallback(
    async (text: string, name = "") => {
      if (!text.trim()) return;
      await run(text, { as_of: asOf.trim(), ready: name, connection: connection?.name ?? "" });
      await cache.invalidateQueries({ queryKey: ["queries", "history"] });
    },
    [run, asOf, connection, cache],
  );
  const write = (text: string) => {
    setSql(text);
    setReady("");
    sessionStorage.setItem(DRAFT, text);
  };
  const open = useCallback((one: Saved) => {
    setSql(one.sql);
    setSaved(one);
    setReady("");
    setChart(one.chart ?? null);
    setView(one.chart ? "chart" : "table");
  }, []);

  // Addresses lead here from a table of the catalog, or to a saved query that somebody shared.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the address changes
  useEffect(() => {
    if (asked.table) {
      const text = `select *\nfrom ${asked.table}\nlimit 100`;
      setSaved(null);
      setChart(null);
      write(text);
      void go(text);
    } else if (asked.query) {
      void data(api.GET("/api/v1/queries/{query}", { params: { path: { query: asked.query } } })).then((one) => {
        open(one);
        void go(one.sql);
      });
    }
  }, [asked.table, asked.query]);

  const finished = answer?.state === "succeeded" ? answer : null;
  const result = useRef<HTMLDivElement>(null);
  const begin = (one: Ready) => {
    setSaved(null);
    setChart(one.chart ?? null);
    setView(one.chart ? "chart" : "table");
    setSql(one.sql);
    setReady(one.name);
    drawer.close();
    // What was asked for by a click is brought into sight; its SQL may be longer than the window.
    void go(one.sql, one.name).then(() => setTimeout(() => result.current?.scrollIntoView({ block: "nearest", behavior: "smooth" }), 150));
  };
  const drawn = useMemo(() => chart ?? (finished ? suggested(finished.columns) : null), [chart, finished]);
  const library = (
    <Library
      open={saved?.id ?? null}
      onSaved={(one) => {
        open(one);
        drawer.close();
        void go(one.sql);
      }}
      onReady={begin}
      onSql={(text) => {
        setSaved(null);
        setChart(null);
        write(text);
        drawer.close();
      }}
    />
  );
  useEffect(() => {
    document.title = `${t("explore.explorer")} · Towpath`;
  }, [t]);
  if (names.data && Object.keys(names.data.tables).length === 0 && !saved && !sql.trim()) {
    return (
      <>
        <PageHeader title={t("explore.explorer")} lead={t("explore.explorerLead")} />
        <NoTables />
      </>
    );
  }
  return (
    <div className={classes.page}>
      <Stack gap="md" style={{ minWidth: 0 }}>
        <Group justify="space-between">
          <Stack gap={2}>
            <Group gap="sm">
              <Title order={1}>{saved?.title ?? t("explore.explorer")}</Title>
              {saved?.shared_with.length ? <Badge>{t("explore.shared")}</Badge> : null}
            </Group>
            <Text c="dimmed">{saved ? saved.description : t("explore.explorerLead")}</Text>
          </Stack>
          {saved ? (
            <Button
              variant="subtle"
              onClick={() => {
                setSaved(null);
                setChart(null);
                write("");
                clear();
              }}
            >
              {t("explore.writing")}
            </Button>
          ) : null}
        </Group>
        <Paper className={classes.editor} component="section" aria-label={t("explore.editor")}>
          <Box className={classes.text}>
            <Suspense fallback={null}>
              <SqlEditor value={sql} onChange={write} onRun={() => void go(sql, ready)} label={t("explore.editor")} hint="select …" names={names.data} />
            </Suspense>
          </Box>
          <Group gap="sm" p="sm" className={classes.bar}>
            {busy ? (
              <Button color="red.8" leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={() => void stop()}>
                {t("explore.stop")}
              </Button>
            ) : (
              <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} disabled={!sql.trim()} onClick={() => void go(sql, ready)}>
                {t("explore.runQuery")}
              </Button>
            )}
            <Kbd visibleFrom="xl">{t("explore.runHint")}</Kbd>
            <Tooltip label={t("explore.asOfHint")} multiline maw={280}>
              <TextInput
                size="sm"
                w={200}
                aria-label={t("explore.asOf")}
                aria-description={t("explore.asOfHint")}
                leftSection={<Text size="xs" c="dimmed">{t("explore.asOf")}</Text>}
                leftSectionWidth={76}
                placeholder={t("explore.asOfNow")}
                value={asOf}
                onChange={(event) => setAsOf(event.currentTarget.value)}
              />
            </Tooltip>
            <Group gap="sm" ms="auto">
              {wide ? null : (
                <Button variant="default" leftSection={<IconBook2 size={16} aria-hidden />} onClick={drawer.open}>
                  {t("explore.queries")}
                </Button>
              )}
              <Button variant="default" disabled={!sql.trim()} leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={dialog.open}>
                {t(saved && !saved.mine ? "explore.saveAs" : "explore.saveQuery")}
              </Button>
            </Group>
          </Group>
        </Paper>
        <ProblemAlert error={error} />
        <div ref={result}>
        <Result
          answer={answer}
          busy={busy}
          failed={Boolean(error)}
          chart={drawn}
          onChart={setChart}
          view={view}
          onView={setView}
          onReady={begin}
          source={
            finished && !finished.cut
              ? { answer: finished.id, sql: "", as_of: "", connection: "", name: saved?.title ?? ready }
              : { answer: "", sql, as_of: asOf.trim(), connection: connection?.name ?? "", name: saved?.title ?? ready }
          }
        />
        </div>
      </Stack>
      {wide ? (
        <Paper component="aside" p="sm" className={classes.side} aria-label={t("explore.queries")}>
          {library}
        </Paper>
      ) : (
        <Drawer opened={listed} onClose={drawer.close} position="right" title={t("explore.queries")} closeButtonProps={{ "aria-label": t("shell.close") }}>
          {library}
        </Drawer>
      )}
      <SaveDialog opened={saving} onClose={dialog.close} query={saved} sql={sql} chart={view === "chart" ? drawn : chart} onSaved={setSaved} />
    </div>
  );
}

interface ResultProps {
  answer: Answer | null;
  busy: boolean;
  failed: boolean;
  chart: Chart | null;
  onChart: (chart: Chart) => void;
  view: "table" | "chart";
  onView: (view: "table" | "chart") => void;
  onReady: (query: Ready) => void;
  source: Parameters<typeof ExportMenu>[0]["source"];
}

function Result({ answer, busy, failed, chart, onChart, view, onView, onReady, source }: ResultProps) {
  const { t, language } = useSpeech();
  const columns = useMemo(
    () => (answer?.columns ?? []).map((one) => ({ name: one.name, label: one.name, kind: one.kind, hint: `${one.name}: ${one.type}` })),
    [answer?.columns],
  );
  const load = useCallback(
    async (asked: Asked): Promise<Answered> => {
      if (!answer) return { rows: [], total: 0 };
      if (asked.start + asked.limit <= answer.rows.length || answer.count <= answer.rows.length) {
        return { rows: answer.rows.slice(asked.start, asked.start + asked.limit), total: answer.count };
      }
      const params = { path: { run: answer.id }, query: { start: asked.start, limit: asked.limit } };
      const block = await data(api.GET("/api/v1/queries/runs/{run}/rows", { params }));
      return { rows: block.rows, total: block.count };
    },
    [answer],
  );
  if (busy) {
    return (
      <Group gap="sm" p="md" role="status">
        <Loader size="sm" />
        <Text c="dimmed">{t(answer?.state === "queued" ? "explore.queued" : "explore.running")}</Text>
      </Group>
    );
  }
  if (failed) return null;
  if (!answer) return <Starters onReady={onReady} />;
  if (answer.state !== "succeeded") return <Text c="dimmed">{t("explore.cancelled")}</Text>;
  return (
    <Paper component="section" aria-label={t("explore.answer")} style={{ overflow: "hidden" }}>
      <Group p="sm" gap="sm">
        <SegmentedControl
          aria-label={t("explore.answer")}
          value={view}
          onChange={(next) => onView(next as "table" | "chart")}
          data={[
            { value: "table", label: t("explore.asTable") },
            { value: "chart", label: t("explore.asChart") },
          ]}
        />
        <Text size="sm" c="dimmed" role="status">
          {t("explore.answerFacts", { n: answer.count, seconds: lasted(answer.seconds, language) })}
          {answer.cut ? ` · ${t("explore.cut")}` : ""}
        </Text>
        <Box ms="auto">
          <ExportMenu source={source} />
        </Box>
      </Group>
      {view === "chart" ? (
        <AnswerChart answer={answer} chart={chart} onChange={onChart} />
      ) : (
        <Suspense fallback={null}>
          <BlockGrid key={answer.id} label={t("explore.answer")} columns={columns} load={load} height="46vh" />
        </Suspense>
      )}
    </Paper>
  );
}
