import { Anchor, Stack, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { DataTable } from "@ui/parts/DataTable";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import { newest, type Run } from "./live";
import { RunState } from "./shown";

/** Runs, the newest first. */
export function RunsTable({ runs, live, empty, alone, inBatch }: { runs: Run[]; live: Record<string, Run>; empty?: ReactNode; alone?: boolean; inBatch?: boolean }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const number = (value: number) => new Intl.NumberFormat(language).format(value);
  const shown = runs.map((run) => (live[run.stream_id]?.id === run.id ? (newest(run, live[run.stream_id]) ?? run) : run));
  return (
    <DataTable
      label={t("replicate.runs")}
      rows={shown}
      keyOf={(run) => run.id}
      onOpen={(run) => void navigate({ to: `/runs/${run.id}` })}
      empty={empty}
      columns={[
        {
          key: "what",
          title: alone ? t("replicate.when") : t("replicate.table"),
          render: (run) => (
            <Stack gap={0}>
              <Anchor component={Link} to={`/runs/${run.id}`} fw={600}>
                {alone ? <TimeAgo at={run.started_at ?? run.created_at} /> : run.stream}
              </Anchor>
              <Text size="xs" c="dimmed">
                {t(`replicate.kind.${run.kind}`)}
                {run.batch && !inBatch ? (
                  <>
                    {" · "}
                    <Anchor component={Link} to={`/batches/${run.batch}`} size="xs" c="dimmed" underline="always">
                      {t("replicate.batch", { number: String(run.batch) })}
                    </Anchor>
                  </>
                ) : null}
              </Text>
            </Stack>
          ),
        },
        {
          key: "state",
          title: t("replicate.stateTitle"),
          phone: "plain",
          render: (run) => (
            <Stack gap={2} align="flex-start">
              <RunState run={run} />
              {run.state === "failed" && run.message ? (
                <Text size="xs" c="dimmed" lineClamp={2} maw={380}>
                  {said(run.message)}
                </Text>
              ) : null}
            </Stack>
          ),
        },
        ...(alone ? [] : [{ key: "began", title: t("replicate.when"), phone: "plain" as const, render: (run: Run) => <TimeAgo at={run.started_at ?? run.created_at} /> }]),
        { key: "read", title: t("replicate.read"), end: true, render: (run) => number(run.rows_read) },
        { key: "new", title: t("replicate.new"), end: true, render: (run) => number(run.rows_inserted) },
        { key: "changed", title: t("replicate.changed"), end: true, phone: "minor", render: (run) => number(run.rows_updated) },
        { key: "deleted", title: t("replicate.deleted"), end: true, phone: "minor", render: (run) => number(run.rows_deleted) },
        { key: "seconds", title: t("replicate.took"), end: true, render: (run) => lasted(run.seconds, language) },
      ]}
    />
  );
}
