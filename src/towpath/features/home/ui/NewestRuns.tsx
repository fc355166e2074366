import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { Status, type Tone } from "@ui/parts/Status";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import classes from "./home.module.css";

type Run = Schemas["RunBrief"];

const tones: Record<string, Tone> = { queued: "quiet", running: "busy", succeeded: "good", failed: "bad", cancelled: "paused" };

/** The newest runs that did something. */
export function NewestRuns({ items }: { items: Run[] }) {
  const { t, language } = useSpeech();
  return (
    <Panel
      title={t("home.runs")}
      flush
      actions={
        <Anchor component={Link} to="/runs" size="sm">
          {t("home.allRuns")}
        </Anchor>
      }
    >
      {items.length === 0 ? (
        <Text c="dimmed" px="md" pb="md">
          {t("home.noRuns")}
        </Text>
      ) : null}
      <ul className={classes.list}>
        {items.slice(0, 8).map((run) => (
          <Group component="li" key={run.id} className={classes.line} justify="space-between" gap="sm">
            <Stack gap={0} flex="1 1 12rem" miw={0}>
              <Anchor component={Link} to={`/runs/${run.id}`} fw={550} c="var(--mantine-color-text)" w="fit-content" className={classes.anywhere}>
                {run.model}
              </Anchor>
              <Text size="sm" c="dimmed">
                {run.connection}
                {run.kind === "sync" ? "" : ` · ${t(`home.kind.${run.kind}`)}`}
              </Text>
            </Stack>
            <Stack gap={0} className={classes.atEnd}>
              <Status tone={tones[run.state] ?? "quiet"}>{t(`home.state.${run.state}`)}</Status>
              <Text size="sm" c="dimmed">
                {run.state === "succeeded" ? `${t("home.rowsOf", { n: run.rows })} · ` : ""}
                {run.ended_at ? `${lasted(run.seconds, language)} · ` : ""}
                <TimeAgo at={run.created_at} />
              </Text>
            </Stack>
          </Group>
        ))}
      </ul>
    </Panel>
  );
}
