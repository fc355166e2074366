import { Box, Group, Progress, Text } from "@mantine/core";
import { type Translate, useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Status, type Tone } from "@ui/parts/Status";
import { lasted } from "@ui/parts/TimeAgo";
import { isOpen, type Run } from "./live";

const tones: Record<string, Tone> = {
  succeeded: "good",
  good: "good",
  failed: "bad",
  broken: "bad",
  attention: "warn",
  running: "busy",
  queued: "busy",
  cancelled: "quiet",
  paused: "paused",
  new: "quiet",
};

/** A state in a word with its shape. */
export function State({ state, kind }: { state: string; kind?: string }) {
  const { t } = useSpeech();
  const word = kind === "idle" && state === "succeeded" ? "idle" : state;
  return <Status tone={tones[state] ?? "quiet"}>{t(`replicate.state.${word}`)}</Status>;
}

/** How a field is masked, in words. */
export function maskWords(how: string, t: Translate): string {
  const [kind, part = ""] = how.split(":");
  return t(`replicate.mask.${kind}`, { part });
}

/** What a run does at the moment, with a bar where it is known how much there is. */
export function Doing({ run }: { run: Run }) {
  const { t, language } = useSpeech();
  const line = run.progress;
  const number = (value: number) => new Intl.NumberFormat(language).format(value);
  const rows = line?.rows ?? run.rows_read;
  const total = line?.expected ?? null;
  const part = total ? Math.min(100, (100 * rows) / total) : run.state === "queued" ? 0 : 100;
  const doing = line ? t(`replicate.event.${eventKey(line.event)}`) : t(`replicate.state.${run.state}`);
  const counted = total ? t("replicate.rowsOf", { rows: number(rows), total: number(total) }) : rows ? t("replicate.rows", { n: rows }) : "";
  return (
    <Box miw={150} w="100%">
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" fw={550} c="var(--mantine-color-anchor)">
          {doing}
        </Text>
        <Text size="xs" c="dimmed">
          {counted}
        </Text>
      </Group>
      <Progress
        value={part}
        size="sm"
        radius="xl"
        animated={!total && run.state === "running"}
        aria-label={t("replicate.progressOf", { table: run.stream })}
      />
      {line?.message ? (
        <Text size="xs" c="dimmed" mt={4}>
          {said(line.message)}
        </Text>
      ) : null}
    </Box>
  );
}

/** A run in a table's cell: what it does, or how it ended. */
export function RunState({ run, state }: { run: Run | null; state?: string }) {
  if (run && isOpen(run.state)) return <Doing run={run} />;
  if (state === "paused") return <State state="paused" />;
  return run ? <State state={run.state} kind={run.kind} /> : <State state="new" />;
}

const events = [
  "started",
  "reading",
  "looking for deletions",
  "looking again at hidden records",
  "correcting",
  "refreshing",
  "keeping versions",
  "publishing",
  "proving",
  "waiting",
  "ended",
];

/** Key of the message for an event; others are shown as they are called. */
export function eventKey(event: string): string {
  return events.includes(event) ? event.replaceAll(" ", "_") : "other";
}

/** How far a table is behind. */
export function Behind({ seconds }: { seconds: number | null | undefined }) {
  const { language } = useSpeech();
  return <span>{seconds === null || seconds === undefined ? "–" : lasted(Math.round(seconds), language)}</span>;
}
