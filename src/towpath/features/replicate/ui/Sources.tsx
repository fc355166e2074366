import { ActionIcon, Anchor, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api, data } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { may, useSession } from "@ui/session";
import { useLiveRuns, type Source } from "./live";
import { Behind, State } from "./shown";

/** All sources at a glance, with the arrow that runs one (S2.1, S2.20, S2.21). */
export default function Sources() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { data: session } = useSession();
  const { connection } = useConnection();
  useLiveRuns();
  const sources = useQuery({
    queryKey: ["sources"],
    queryFn: () => data(api.GET("/api/v1/sources", { params: { query: { limit: 500 } } })),
  });
  const run = useMutation({
    mutationFn: (source: Source) =>
      data(api.POST("/api/v1/runs", { body: { connection_id: source.connection_id, kind: "sync" } })),
    onSuccess: (_, source) => {
      done(t("replicate.started", { name: source.name }));
      void sources.refetch();
    },
    onError: (error) => failed(error, t),
  });
  const mayRun = may(session, "run");
  const add = session?.rights.includes("connect") ? (
    <Button component={Link} to="/sources/add" leftSection={<IconPlus size={18} aria-hidden />}>
      {t("replicate.addSource")}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={t("replicate.sources")} lead={t("replicate.sourcesLead")} actions={sources.data?.items.length ? add : null} />
      <Loaded query={sources}>
        {(page) => {
          const rows = page.items.filter((one) => !connection || one.connection_id === connection.id);
          return (
            <Panel flush>
              <DataTable
                label={t("replicate.sources")}
                rows={rows}
                keyOf={(one) => one.connection_id}
                onOpen={(one) => void navigate({ to: `/sources/${one.connection_id}` })}
                empty={
                  <EmptyState icon={IconPlugConnected} title={t("replicate.noSources")} action={add}>
                    {t("replicate.noSourcesHint")}
                  </EmptyState>
                }
                columns={[
                  {
                    key: "name",
                    title: t("replicate.source"),
                    render: (one) => (
                      <Stack gap={0}>
                        <Anchor component={Link} to={`/sources/${one.connection_id}`} fw={600}>
                          {one.name}
                        </Anchor>
                        <Text size="xs" c="dimmed">
                          Odoo {one.version} · {one.url.replace(/^https?:\/\//, "")}
                        </Text>
                      </Stack>
                    ),
                  },
                  {
                    key: "health",
                    title: t("replicate.health"),
                    phone: "plain",
                    render: (one) => (
                      <Stack gap={2} align="flex-start">
                        {one.running ? (
                          <State state="running" />
                        ) : (
                          <State state={one.health === "new" && one.streams ? "waiting" : one.health} />
                        )}
                        {one.health === "attention" || one.health === "broken" ? (
                          <Text size="xs" c="dimmed" lineClamp={2} maw={360}>
                            {said(one.sentence)}
                          </Text>
                        ) : null}
                        {one.mend === "key" ? (
                          <Anchor component={Link} to={`/sources/${one.connection_id}`} search={{ mend: "key" } as never} size="xs">
                            {t("replicate.newKey")}
                          </Anchor>
                        ) : null}
                      </Stack>
                    ),
                  },
                  { key: "streams", title: t("replicate.streams"), end: true, render: (one) => one.streams },
                  { key: "behind", title: t("replicate.behind"), end: true, render: (one) => <Behind seconds={one.lag_seconds} /> },
                  { key: "last", title: t("replicate.lastRun"), render: (one) => <TimeAgo at={one.last_run_at} /> },
                  {
                    key: "run",
                    title: t("replicate.run"),
                    end: true,
                    phone: "corner",
                    render: (one) =>
                      mayRun && one.streams ? (
                        <Group justify="flex-end">
                          <Tooltip label={t("replicate.runSource", { name: one.name })}>
                            <ActionIcon
                              variant="light"
                              size="lg"
                              radius="xl"
                              loading={run.isPending && run.variables?.connection_id === one.connection_id}
                              onClick={() => run.mutate(one)}
                              aria-label={t("replicate.runSource", { name: one.name })}
                            >
                              <IconPlayerPlayFilled size={16} aria-hidden />
                            </ActionIcon>
                          </Tooltip>
                        </Group>
                      ) : null,
                  },
                ]}
              />
            </Panel>
          );
        }}
      </Loaded>
    </>
  );
}
