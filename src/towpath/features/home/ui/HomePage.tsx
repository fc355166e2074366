import { Box, Button, Grid, Stack } from "@mantine/core";
import { IconChartBar, IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { may, useSession } from "@ui/session";
import { Activity } from "./Activity";
import { Lags } from "./Lags";
import { Needs } from "./Needs";
import { NewestRuns } from "./NewestRuns";
import { Sources } from "./Sources";

type Overview = Schemas["OverviewOut"];

function lead(found: Overview): [string, number] {
  if (found.attention.length > 0) return ["home.needsYou", found.attention.length];
  const read = found.connections.some((one) => one.lag_seconds !== null);
  return read ? ["home.allWell", found.counts.streams] : ["home.starting", 0];
}

function greeting(): string {
  const hour = new Date().getHours();
  if (hour < 5 || hour >= 18) return "home.evening";
  return hour < 12 ? "home.morning" : "home.afternoon";
}

/** How everything stands, and what needs a person. */
export default function HomePage() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { connection } = useConnection();
  const overview = useQuery({
    queryKey: ["overview", connection?.id ?? null],
    queryFn: () => data(api.GET("/api/v1/overview", { params: { query: { connection_id: connection?.id } } })),
    // What runs is worth watching; what does not changes slowly.
    refetchInterval: (query) => (query.state.data?.counts.running ? 3_000 : 15_000),
    placeholderData: (before) => before,
  });
  const connects = may(session, "connect");
  const first = session?.name.split(" ")[0] ?? "";
  const [words, n] = overview.data ? lead(overview.data) : ["", 0];
  const bare = overview.data?.connections.length === 0;
  return (
    <>
      <PageHeader
        title={first ? t(greeting(), { name: first }) : t("home.menu")}
        lead={words && !bare ? t(words, { n }) : undefined}
        actions={
          bare ? undefined : (
            <>
              {connects ? (
                <Button component={Link} to="/sources/add" variant="default" leftSection={<IconPlus size={16} aria-hidden />}>
                  {t("home.addSource")}
                </Button>
              ) : null}
              {may(session, "read_data") && overview.data ? (
                <Button component={Link} to="/explore" leftSection={<IconChartBar size={16} aria-hidden />}>
                  {t("home.explore")}
                </Button>
              ) : null}
            </>
          )
        }
      />
      <Loaded query={overview} lines={6}>
        {(found) =>
          found.connections.length === 0 ? (
            <Panel>
              <EmptyState
                icon={IconPlugConnected}
                title={t("home.empty")}
                action={
                  connects ? (
                    <Button component={Link} to="/sources/add" leftSection={<IconPlus size={16} aria-hidden />}>
                      {t("home.addSource")}
                    </Button>
                  ) : undefined
                }
              >
                {t(connects ? "home.emptyHint" : "home.emptyOthers")}
              </EmptyState>
            </Panel>
          ) : (
            <Stack gap="lg">
              <Needs items={found.attention} />
              <Grid gap="lg">
                <Grid.Col span={{ base: 12, lg: 7 }}>
                  <Stack gap="lg">
                    <Sources items={found.connections} />
                    <NewestRuns items={found.runs} />
                  </Stack>
                </Grid.Col>
                <Grid.Col span={{ base: 12, lg: 5 }}>
                  <Stack gap="lg">
                    <Activity hours={found.hours} />
                    <Lags items={found.lags} />
                  </Stack>
                </Grid.Col>
              </Grid>
              <Box h="xs" />
            </Stack>
          )
        }
      </Loaded>
    </>
  );
}
