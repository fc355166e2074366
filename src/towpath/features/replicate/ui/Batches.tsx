import { Anchor, Button, Stack, Text } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { MoreButton } from "@ui/parts/MoreButton";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import { useLiveRuns } from "./live";

type Batch = Schemas["BatchOut"];

/** How a batch stands. */
export function BatchState({ batch }: { batch: Batch }) {
  const { t } = useSpeech();
  const published = batch.state === "published";
  return <Status tone={published ? "good" : "busy"}>{t(published ? "replicate.published" : "replicate.state.running")}</Status>;
}

/** Seconds from its begin to its manifest. */
export const tookOf = (batch: Batch) => (batch.ended_at ? (Date.parse(batch.ended_at) - Date.parse(batch.created_at)) / 1000 : null);

/** Runs over many streams, the newest first. */
export default function Batches() {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  useLiveRuns();
  const batches = useInfiniteQuery({
    queryKey: ["runs", "batches"],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/batches", { params: { query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <>
      <PageHeader title={t("replicate.batches")} lead={t("replicate.batchesLead")} back={{ to: "/runs", title: t("replicate.runs") }} />
      <Loaded query={batches}>
        {(found) => (
          <Panel flush>
            <DataTable
              label={t("replicate.batches")}
              rows={found.pages.flatMap((page) => page.items)}
              keyOf={(batch) => String(batch.number)}
              onOpen={(batch) => void navigate({ to: `/batches/${batch.number}` })}
              empty={
                <EmptyState
                  icon={IconStack2}
                  title={t("replicate.noBatches")}
                  action={
                    <Button component={Link} to="/sources">
                      {t("replicate.sources")}
                    </Button>
                  }
                >
                  {t("replicate.noBatchesHint")}
                </EmptyState>
              }
              columns={[
                {
                  key: "number",
                  title: t("replicate.batchTitle"),
                  render: (batch) => (
                    <Stack gap={0}>
                      <Anchor component={Link} to={`/batches/${batch.number}`} fw={600}>
                        {t("replicate.batchNumber", { number: String(batch.number) })}
                      </Anchor>
                      <Text size="xs" c="dimmed">
                        <TimeAgo at={batch.created_at} />
                      </Text>
                    </Stack>
                  ),
                },
                { key: "state", title: t("replicate.stateTitle"), phone: "corner", render: (batch) => <BatchState batch={batch} /> },
                { key: "streams", title: t("replicate.streams"), end: true, render: (batch) => batch.stream_ids.length },
                { key: "runs", title: t("replicate.runs"), end: true, render: (batch) => Object.keys(batch.run_ids).length },
                { key: "tables", title: t("replicate.tables"), end: true, render: (batch) => (batch.state === "published" ? Object.keys(batch.tables).length : "–") },
                { key: "took", title: t("replicate.took"), end: true, render: (batch) => (tookOf(batch) === null ? "–" : lasted(tookOf(batch) ?? 0, language)) },
              ]}
            />
            <MoreButton query={batches} label={t("replicate.moreBatches")} />
          </Panel>
        )}
      </Loaded>
    </>
  );
}
