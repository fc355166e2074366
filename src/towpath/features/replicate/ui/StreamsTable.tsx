import { ActionIcon, Anchor, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useSpeech } from "@ui/i18n";
import { DataTable } from "@ui/parts/DataTable";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { newest, type Run, type Stream } from "./live";
import { Behind, RunState } from "./shown";
import { whenWords } from "./when";

interface TableProps {
  streams: Stream[];
  live: Record<string, Run>;
  language: string;
  onRun?: (id: string) => void;
  empty: React.ReactNode;
}

/** The streams of a source, with what each does at the moment. */
export function StreamsTable({ streams, live, language, onRun, empty }: TableProps) {
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
        { key: "state", title: t("replicate.stateTitle"), phone: "plain", render: (one) => <RunState run={newest(one.last_run, live[one.id])} state={one.state} /> },
        { key: "behind", title: t("replicate.behind"), end: true, render: (one) => <Behind seconds={one.lag_seconds} /> },
        { key: "runs", title: t("replicate.runsWhen"), phone: "minor", render: (one) => <Text size="sm">{one.after_stream_id ? t("replicate.afterAnother") : whenWords(one.schedule, t, language)}</Text> },
        { key: "last", title: t("replicate.lastRun"), render: (one) => <TimeAgo at={one.last_run?.created_at} /> },
        {
          key: "run",
          title: t("replicate.run"),
          end: true,
          phone: "corner",
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
