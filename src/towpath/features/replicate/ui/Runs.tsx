import { Button, Group, SegmentedControl, Select, Switch } from "@mantine/core";
import { IconProgressCheck, IconStack2 } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { MoreButton } from "@ui/parts/MoreButton";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { isOpen, useLiveRuns } from "./live";
import { RunsTable } from "./RunsTable";

type State = Schemas["RunOut"]["state"];
type Kind = Schemas["RunOut"]["kind"];

interface Filter {
  state?: string;
  stream?: string;
  all?: boolean;
}

const busy: Kind[] = ["sync", "full", "verify", "compare"];

/** All runs, with filters that stand in the address. */
export default function Runs() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { connection } = useConnection();
  const live = useLiveRuns();
  const filter = useSearch({ strict: false }) as Filter;
  const set = (news: Partial<Filter>) => void navigate({ to: "/runs", search: { ...filter, ...news } as never, replace: true });
  const streams = useQuery({
    queryKey: ["streams", connection?.id ?? null],
    queryFn: () => data(api.GET("/api/v1/streams", { params: { query: { limit: 500, connection: connection?.id } } })),
  });
  const states: State[] | undefined =
    filter.state === "open" ? ["queued", "running"] : filter.state ? [filter.state as State] : undefined;
  const runs = useInfiniteQuery({
    queryKey: ["runs", connection?.id ?? null, filter],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/runs", {
          params: {
            query: {
              limit: 50,
              cursor: pageParam,
              connection: connection?.id,
              stream: filter.stream,
              state: states,
              kind: filter.all ? undefined : busy,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const known = new Set(runs.data?.pages.flatMap((page) => page.items.map((run) => run.id)));
  const fresh = Object.values(live).filter(
    (run) =>
      isOpen(run.state) &&
      !known.has(run.id) &&
      (!filter.stream || run.stream_id === filter.stream) &&
      (!connection || run.connection_id === connection.id) &&
      (!states || states.includes(run.state)),
  );
  const narrowed = filter.state !== undefined || filter.stream !== undefined;
  // Nothing to narrow where nothing ran yet.
  const bare = !narrowed && !filter.all && runs.data?.pages[0]?.items.length === 0 && fresh.length === 0;
  return (
    <>
      <PageHeader
        title={t("replicate.runs")}
        lead={t("replicate.runsLead")}
        actions={
          bare ? null : (
            <Button variant="default" component={Link} to="/batches" leftSection={<IconStack2 size={17} aria-hidden />}>
              {t("replicate.batches")}
            </Button>
          )
        }
      />
      {bare ? null : (
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label={t("replicate.stateTitle")}
          value={filter.state ?? ""}
          onChange={(state) => set({ state: state || undefined })}
          data={[
            { value: "", label: t("replicate.all") },
            { value: "open", label: t("replicate.open") },
            { value: "failed", label: t("replicate.state.failed") },
            { value: "succeeded", label: t("replicate.state.succeeded") },
          ]}
        />
        <Select
          aria-label={t("replicate.table")}
          placeholder={t("replicate.everyTable")}
          clearable
          searchable
          w={{ base: "100%", xs: 240 }}
          value={filter.stream ?? null}
          onChange={(stream) => set({ stream: stream ?? undefined })}
          data={streams.data?.items.map((one) => ({ value: one.id, label: one.table_name })) ?? []}
        />
        <Switch
          label={t("replicate.quietToo")}
          checked={Boolean(filter.all)}
          onChange={(event) => set({ all: event.currentTarget.checked || undefined })}
        />
      </Group>
      )}
      <Loaded query={runs}>
        {(found) => (
          <Panel flush>
            <RunsTable
              runs={[...fresh, ...found.pages.flatMap((page) => page.items)]}
              live={live}
              empty={
                <EmptyState
                  icon={IconProgressCheck}
                  title={t(narrowed ? "replicate.noRunFits" : "replicate.noRuns")}
                  action={
                    narrowed ? (
                      <Button variant="default" onClick={() => void navigate({ to: "/runs", search: {} as never })}>
                        {t("replicate.showAll")}
                      </Button>
                    ) : (
                      <Button component={Link} to="/sources">
                        {t("shell.toSources")}
                      </Button>
                    )
                  }
                >
                  {narrowed ? null : t("replicate.noRunsHint")}
                </EmptyState>
              }
            />
            <MoreButton query={runs} label={t("replicate.more")} />
          </Panel>
        )}
      </Loaded>
    </>
  );
}
