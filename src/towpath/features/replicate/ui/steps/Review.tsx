import { Alert, Anchor, Checkbox, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { StepActions } from "../StepActions";
import { type Draft, forgetDraft, noExtras, type StepProps, stepOf, tableOf } from "../draft";
import { linksSaid } from "../keeping";
import { lengthWords } from "../length";
import { chosenWords, fullWords, whenSettings } from "../when";

/** What the draft says to the API. */
function body(draft: Draft): Schemas["StreamsNew"] {
  return {
    connection_id: draft.connectionId ?? "",
    settings: {
      ...whenSettings(draft.when),
      layer: draft.layer,
      folder: draft.folder,
      ...(draft.description ? { description: draft.description } : {}),
      ...(draft.history ? { history: true } : {}),
      ...(draft.linksEvery ? { links_every: draft.linksEvery } : {}),
      ...(draft.namesEvery ? { names_every: draft.namesEvery } : {}),
      ...(draft.overlap ? { overlap: draft.overlap } : {}),
    },
    streams: Object.keys(draft.models).map((model) => {
      const picked = draft.picked[model];
      const extras = draft.extras[model] ?? noExtras;
      return {
        model,
        table_name: tableOf(draft, model),
        sync_type: draft.sync[model] ?? "INCREMENTAL",
        manual: false,
        children: extras.children,
        ...(extras.filter.trim() ? { filter: extras.filter } : {}),
        ...(extras.links.length ? { links: linksSaid(extras.links) } : {}),
        ...(extras.refreshEvery ? { refresh_every: extras.refreshEvery } : {}),
        ...(picked?.fields ? { fields: picked.fields } : {}),
        ...(picked && Object.keys(picked.masks).length ? { masks: picked.masks } : {}),
      };
    }),
  };
}

/** Everything once more, looked over by the server, and done. */
export function Review({ draft, set, back, to }: StepProps) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const client = useQueryClient();
  const wanted = body(draft);
  const preview = useQuery({
    queryKey: ["preview", wanted],
    queryFn: () => data(api.POST("/api/v1/streams/preview", { body: wanted })),
    staleTime: 0,
    gcTime: 0,
  });
  const add = useMutation({
    mutationFn: async () => {
      const added = await data(api.POST("/api/v1/streams", { body: wanted }));
      if (draft.runNow) {
        // What was added stays added when the first run can not be started; it can be started on the next page.
        await api
          .POST("/api/v1/runs", { body: { stream_ids: added.map((one) => one.id), kind: "sync" } })
          .catch((error) => failed(error, t));
      }
      return added;
    },
    onSuccess: (added) => {
      forgetDraft();
      for (const key of ["sources", "streams", "runs", "models"]) void client.invalidateQueries({ queryKey: [key] });
      done(t("replicate.added", { n: added.length }));
      void navigate({ to: `/sources/${draft.connectionId}` });
    },
  });
  // Of a source that was there before.
  const { connection: alone } = useSearch({ strict: false }) as { connection?: string };
  const problems = preview.data?.problems ?? [];
  const plan = draft.when;
  const facts: [string, string][] = [
    [t("replicate.source"), draft.connectionName],
    [t("replicate.runsWhen"), chosenWords(plan, t, language)],
    [t("replicate.fullSync"), fullWords(plan, t)],
    [t("replicate.retention"), plan.retention ? lengthWords(plan.retention, t) : t("replicate.keep.usual")],
    [t("replicate.versions"), t(draft.history ? "replicate.versionsKept" : "replicate.versionsNot")],
    ...(draft.description ? ([[t("replicate.description"), draft.description]] as [string, string][]) : []),
  ];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!problems.length) add.mutate();
      }}
    >
      <Stack gap="lg">
        <Stack gap={6} maw={560}>
          {facts.map(([title, value]) => (
            <Group key={title} justify="space-between" wrap="nowrap" align="flex-start">
              <Text size="sm" c="dimmed">
                {title}
              </Text>
              <Text size="sm" ta="end">
                {value}
              </Text>
            </Group>
          ))}
        </Stack>
        <Loaded query={preview}>
          {(found) => (
            <Stack>
              {found.problems.length ? (
                <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t("replicate.inTheWay")} role="alert">
                  <List size="sm">
                    {found.problems.map((one) => (
                      <List.Item key={one.index}>
                        <b>{draft.models[one.model] ?? one.model}</b>: {said(one.detail)}{" "}
                        {one.setting ? (
                          <Anchor
                            component="button"
                            type="button"
                            size="sm"
                            onClick={() => to(stepOf(one.setting ?? ""), { wrong: { model: one.model, setting: one.setting ?? "", detail: one.detail } })}
                          >
                            {t("replicate.correct")}
                          </Anchor>
                        ) : null}
                      </List.Item>
                    ))}
                  </List>
                </Alert>
              ) : null}
              {found.streams.length ? <DataTable
                label={t("replicate.tables")}
                rows={found.streams}
                keyOf={(one) => one.path}
                columns={[
                  { key: "model", title: t("replicate.model"), render: (one) => draft.models[one.model] ?? one.model },
                  { key: "table", title: t("replicate.table"), phone: "plain", render: (one) => <span style={{ overflowWrap: "anywhere" }}>{one.path}</span> },
                  { key: "sync", title: t("replicate.syncType"), phone: "corner", render: (one) => t(`replicate.sync.${one.sync_type}`) },
                ]}
              /> : null}
            </Stack>
          )}
        </Loaded>
        <Checkbox label={t("replicate.runNowToo")} checked={draft.runNow} onChange={(event) => set({ runNow: event.currentTarget.checked })} />
        <ProblemAlert error={add.error} />
      </Stack>
      <StepActions back={back} busy={add.isPending} disabled={!preview.data || problems.length > 0} label={t(alone ? "replicate.addStreams" : "replicate.finish")} />
    </form>
  );
}
