import { Alert, Button, Group, Radio, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Description } from "./Description";
import { FieldsPicker, type Picked } from "./FieldsPicker";
import type { Stream } from "./live";
import { type Settings, whenOf, whenSettings } from "./when";
import { WhenFields } from "./WhenFields";

interface Props {
  stream: Stream;
  /** The state that is edited, as the server named it. */
  etag: string;
  close: () => void;
  /** Told what follows from the change, in sentences. */
  saved: (notes: string[]) => void;
}

/** The settings of a stream as a form. Somebody else's change in the meantime is told, and never overwritten unseen. */
export function StreamSettings({ stream, etag, close, saved }: Props) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [before] = useState(() => ({ stream, etag, when: whenOf(stream) }));
  const [when, setWhen] = useState(before.when);
  const [table, setTable] = useState(stream.table_name);
  const [layer, setLayer] = useState(stream.layer);
  const [folder, setFolder] = useState(stream.folder);
  const [sync, setSync] = useState<string>(stream.sync_type);
  const [filter, setFilter] = useState(stream.filter ?? "");
  const [description, setDescription] = useState(stream.description);
  const [picked, setPicked] = useState<Picked>({ fields: stream.fields ?? null, masks: stream.masks });
  const changes = (): Settings => {
    const said: Record<string, unknown> = {};
    if (table !== before.stream.table_name) said.table_name = table;
    if (layer !== before.stream.layer) said.layer = layer;
    if (folder !== before.stream.folder) said.folder = folder;
    if (sync !== before.stream.sync_type) said.sync_type = sync;
    if (filter !== (before.stream.filter ?? "")) said.filter = filter;
    if (description !== before.stream.description) said.description = description;
    if (JSON.stringify(picked.fields) !== JSON.stringify(before.stream.fields ?? null)) said.fields = picked.fields ?? [];
    const masks = { ...picked.masks };
    for (const gone of Object.keys(before.stream.masks)) masks[gone] ??= "plain";
    if (JSON.stringify(masks) !== JSON.stringify(before.stream.masks)) said.masks = masks;
    if (JSON.stringify(when) !== JSON.stringify(before.when)) {
      Object.assign(said, whenSettings(when));
      if (when.full === "never" && before.when.full !== "never") said.full_every = "never";
      if (!when.retention && before.when.retention) said.retention = "default";
    }
    return said as Settings;
  };
  const save = useMutation({
    mutationFn: async () => {
      const body = changes();
      if (Object.keys(body).length === 0) return null;
      return data(
        api.PATCH("/api/v1/streams/{stream_id}", {
          params: { path: { stream_id: stream.id }, header: { "If-Match": before.etag } },
          body,
        }),
      );
    },
    onSuccess: (edited) => saved(edited?.notes ?? []),
  });
  const conflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Panel title={t("replicate.settings")}>
        <Stack gap="xl" pt="xs">
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextInput label={t("replicate.layer")} value={layer} onChange={(event) => setLayer(event.currentTarget.value)} />
            <TextInput label={t("replicate.folder")} value={folder} onChange={(event) => setFolder(event.currentTarget.value)} />
            <TextInput label={t("replicate.table")} value={table} onChange={(event) => setTable(event.currentTarget.value)} />
          </SimpleGrid>
          <Radio.Group label={t("replicate.syncType")} value={sync} onChange={setSync}>
            <Stack gap="xs" mt="xs">
              <Radio value="INCREMENTAL" label={t("replicate.sync.INCREMENTAL")} description={t("replicate.syncHint.INCREMENTAL")} />
              <Radio value="FULL_TABLE" label={t("replicate.sync.FULL_TABLE")} description={t("replicate.syncHint.FULL_TABLE")} />
            </Stack>
          </Radio.Group>
          <FieldsPicker connectionId={stream.connection_id} model={stream.model} value={picked} onChange={setPicked} />
          <Textarea autosize minRows={1} label={t("replicate.filter")} description={t("replicate.filterHint")} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} />
          <WhenFields value={when} onChange={setWhen} />
          <Description value={description} onChange={setDescription} />
          {conflict ? (
            <Alert color="canal" icon={<IconUsers aria-hidden />} title={t("replicate.conflict")} role="alert">
              <Stack gap="xs" align="flex-start">
                {t("replicate.conflictHint")}
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    void client.invalidateQueries({ queryKey: ["stream", stream.id] });
                    close();
                  }}
                >
                  {t("replicate.loadAgain")}
                </Button>
              </Stack>
            </Alert>
          ) : (
            <ProblemAlert error={save.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("shell.save")}
            </Button>
          </Group>
        </Stack>
      </Panel>
    </form>
  );
}
