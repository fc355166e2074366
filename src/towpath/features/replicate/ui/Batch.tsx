import { Anchor, Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconTerminal2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { lasted, TimeAgo } from "@ui/parts/TimeAgo";
import { may, useSession } from "@ui/session";
import { BatchState, tookOf } from "./Batches";
import { useLiveRuns } from "./live";
import { Numbers } from "./Numbers";
import { RunsTable } from "./RunsTable";

type Batch = Schemas["BatchOut"];

/** One run over many streams: its runs, and the versions of all tables that belong together since. */
export default function BatchPage() {
  const { number } = useParams({ strict: false }) as { number: string };
  const batch = useQuery({
    queryKey: ["runs", "batch", number],
    queryFn: () => data(api.GET("/api/v1/batches/{number}", { params: { path: { number: Number(number) } } })),
  });
  return (
    <Loaded query={batch} lines={8}>
      {(found) => <Shown batch={found} />}
    </Loaded>
  );
}

/** Layer, folder and table of an address. */
const pathOf = (uri: string) => uri.split("/").slice(-3);

function Shown({ batch }: { batch: Batch }) {
  const { t, language } = useSpeech();
  const { data: session } = useSession();
  const live = useLiveRuns();
  const reads = may(session, "read_data");
  const asOf = `run:${batch.number}`;
  const tables = Object.entries(batch.tables)
    .map(([uri, version]) => ({ uri, version, path: pathOf(uri) }))
    .sort((one, other) => one.path.join(".").localeCompare(other.path.join(".")));
  const runs = batch.runs ?? [];
  const failed = runs.filter((run) => run.state === "failed").length;
  const quiet = batch.stream_ids.length - Object.keys(batch.run_ids).length;
  return (
    <>
      <PageHeader
        title={t("replicate.batchNumber", { number: String(batch.number) })}
        back={{ to: "/batches", title: t("replicate.batches") }}
        beside={<BatchState batch={batch} />}
        lead={
          <>
            {t("replicate.batchLead")} <TimeAgo at={batch.created_at} />.
          </>
        }
        actions={
          reads && batch.state === "published" && tables.length ? (
            <Button component={Link} to="/explore" search={{ as_of: asOf } as never} leftSection={<IconTerminal2 size={17} aria-hidden />}>
              {t("replicate.readAsOf")}
            </Button>
          ) : null
        }
      />
      <Stack gap="lg">
        <Numbers
          items={[
            { title: t("replicate.streams"), value: batch.stream_ids.length, below: quiet > 0 ? t("replicate.quietStreams", { n: quiet }) : undefined },
            { title: t("replicate.runs"), value: runs.length, below: failed ? t("replicate.failedRuns", { n: failed }) : undefined },
            { title: t("replicate.tables"), text: batch.state === "published" ? String(tables.length) : "–" },
            { title: t("replicate.took"), text: tookOf(batch) === null ? "–" : lasted(tookOf(batch) ?? 0, language) },
          ]}
        />
        <Panel title={t("replicate.runs")} flush>
          <RunsTable
            runs={runs}
            live={live}
            inBatch
            empty={
              <Text p="md" size="sm" c="dimmed">
                {t("replicate.batchQuiet")}
              </Text>
            }
          />
        </Panel>
        <Panel
          title={t("replicate.manifest")}
          hint={
            batch.state === "published" ? (
              <>
                {t("replicate.manifestHint")} <Code>towpath sql --as-of {asOf}</Code>
              </>
            ) : (
              t("replicate.manifestLater")
            )
          }
          flush
        >
          <DataTable
            label={t("replicate.manifest")}
            rows={tables}
            keyOf={(one) => one.uri}
            empty={
              <Text p="md" pt={0} size="sm" c="dimmed">
                {t(batch.state === "published" ? "replicate.manifestEmpty" : "replicate.manifestNotYet")}
              </Text>
            }
            columns={[
              {
                key: "table",
                title: t("replicate.table"),
                render: ({ path }) => (
                  <Stack gap={0}>
                    <Anchor component={Link} to={`/catalog/${path.join(".")}`} fw={600}>
                      {path.at(-1)}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      {path.slice(0, 2).join(" / ")}
                    </Text>
                  </Stack>
                ),
              },
              { key: "version", title: t("replicate.version"), end: true, render: ({ version }) => new Intl.NumberFormat(language).format(version) },
              ...(reads && batch.state === "published"
                ? [
                    {
                      key: "read",
                      title: "",
                      end: true,
                      phone: "corner" as const,
                      render: ({ path }: (typeof tables)[number]) => (
                        <Group justify="flex-end">
                          <Anchor
                            component={Link}
                            to="/explore"
                            search={{ table: path.join("."), as_of: asOf } as never}
                            size="sm"
                            aria-label={t("replicate.readTableAsOf", { table: path.at(-1) ?? "" })}
                          >
                            {t("replicate.readIt")}
                          </Anchor>
                        </Group>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        </Panel>
      </Stack>
    </>
  );
}
