import { Alert, Button, Divider, Group, Radio, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import actions from "./Actions.module.css";
import { Description } from "./Description";
import { FieldsPicker } from "./FieldsPicker";
import { changesOf, type Keeping, keepingOf, rebased } from "./keeping";
import type { Stream } from "./live";
import { LinksField, More, Part, RefreshField, RoundsFields } from "./MoreFields";
import { beside, isRival, settingOf } from "./refusal";
import { WhenFields } from "./WhenFields";

interface Props {
  stream: Stream;
  /** The state that is edited, as the server named it. */
  etag: string;
  close: () => void;
  /** Told what follows from the change, in sentences. */
  saved: (notes: string[]) => void;
}

const SELDOM = ["links", "links_every", "names_every", "refresh_every", "overlap"];
const SHOWN = [
  ...SELDOM,
  ...["layer", "folder", "table_name", "sync_type", "fields", "masks", "filter", "description"],
  ...["every", "cron", "at", "after", "tz", "full_every", "full_cron", "retention"],
];

/** The settings of a stream as a form. Somebody else's change in the meantime is told, and never overwritten unseen. */
export function StreamSettings({ stream, etag, close, saved }: Props) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [before, setBefore] = useState(() => ({ kept: keepingOf(stream), etag }));
  const [form, setForm] = useState<Keeping>(before.kept);
  const set = (news: Partial<Keeping>) => setForm((now) => ({ ...now, ...news }));
  const save = useMutation({
    mutationFn: async () => {
      const body = changesOf(before.kept, form);
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
  const theirs = useMutation({
    mutationFn: async () => {
      const answer = await api.GET("/api/v1/streams/{stream_id}", { params: { path: { stream_id: stream.id } } });
      return { kept: keepingOf(answer.data as Stream), etag: answer.response.headers.get("ETag") ?? "*" };
    },
    onSuccess: (stored) => {
      setForm(rebased(before.kept, form, stored.kept));
      setBefore(stored);
      save.reset();
    },
  });
  const rival = isRival(save.error);
  const wrong = beside(save.error);
  const setting = settingOf(save.error) ?? "";
  const whole = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The button is in sight everywhere in the form; what it was answered may not be.
    if (!save.error) return;
    const said = whole.current?.querySelector<HTMLElement>("[aria-invalid=true]") ?? whole.current?.querySelector<HTMLElement>("[role=alert]");
    said?.focus({ preventScroll: true });
    said?.scrollIntoView({ block: "center" });
  }, [save.error]);
  return (
    <form
      ref={whole}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Panel title={t("replicate.settings")}>
        <Stack gap="xl" pt="xs">
          <Part title={t("replicate.part.table")}>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <TextInput label={t("replicate.layer")} value={form.layer} onChange={(event) => set({ layer: event.currentTarget.value })} error={wrong("layer")} />
              <TextInput label={t("replicate.folder")} value={form.folder} onChange={(event) => set({ folder: event.currentTarget.value })} error={wrong("folder")} />
              <TextInput label={t("replicate.table")} value={form.table} onChange={(event) => set({ table: event.currentTarget.value })} error={wrong("table_name")} />
            </SimpleGrid>
            <Description value={form.description} onChange={(description) => set({ description })} />
          </Part>
          <Divider />
          <Part title={t("replicate.part.kept")}>
            <Radio.Group aria-label={t("replicate.syncType")} value={form.sync} onChange={(sync) => set({ sync: sync as Keeping["sync"] })}>
              <Stack gap="xs">
                <Radio value="INCREMENTAL" label={t("replicate.sync.INCREMENTAL")} description={t("replicate.syncHint.INCREMENTAL")} />
                <Radio value="FULL_TABLE" label={t("replicate.sync.FULL_TABLE")} description={t("replicate.syncHint.FULL_TABLE")} />
              </Stack>
            </Radio.Group>
            <HistorySwitch value={form.history} onChange={(history) => set({ history })} />
          </Part>
          <Divider />
          <Part title={t("replicate.part.read")}>
            <FieldsPicker connectionId={stream.connection_id} model={stream.model} value={form.picked} onChange={(picked) => set({ picked })} />
            {wrong("fields", "masks") ? (
              <Text size="sm" c="var(--mantine-color-error)" role="alert">
                {wrong("fields", "masks")}
              </Text>
            ) : null}
            <Filter value={form.filter} onChange={(filter) => set({ filter })} error={wrong("filter")} />
          </Part>
          <Divider />
          <WhenFields value={form.when} onChange={(when) => set({ when })} wrong={wrong} own={stream.id} />
          <Divider />
          <More hint={t("replicate.moreHint")} open={SELDOM.includes(setting)}>
            <Stack gap="lg">
              <LinksField connectionId={stream.connection_id} model={stream.model} value={form.links} onChange={(links) => set({ links })} wrong={wrong} />
              {form.sync === "FULL_TABLE" ? (
                <Text size="sm" c="dimmed">
                  {t("replicate.fullNeedsNone")}
                </Text>
              ) : (
                <RoundsFields value={form} onChange={set} wrong={wrong}>
                  <RefreshField
                    connectionId={stream.connection_id}
                    model={stream.model}
                    picked={form.picked}
                    value={form.refreshEvery}
                    onChange={(refreshEvery) => set({ refreshEvery })}
                    wrong={wrong}
                  />
                </RoundsFields>
              )}
            </Stack>
          </More>
          {rival ? (
            <Alert color="canal" icon={<IconUsers aria-hidden />} title={t("replicate.conflict")} role="alert">
              <Stack gap="xs" align="flex-start">
                {t("replicate.conflictHint")}
                <Group gap="xs">
                  <Button size="xs" loading={theirs.isPending} onClick={() => theirs.mutate()}>
                    {t("replicate.keepMine")}
                  </Button>
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
                </Group>
              </Stack>
            </Alert>
          ) : SHOWN.includes(setting) ? (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {t("replicate.correctAbove")}
            </Text>
          ) : (
            <ProblemAlert error={save.error ?? theirs.error} />
          )}
        </Stack>
        <div className={actions.actions}>
          <span className={actions.between} />
          <Button variant="default" onClick={close}>
            {t("shell.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={form.description.length > 140}>
            {t("shell.save")}
          </Button>
        </div>
      </Panel>
    </form>
  );
}

/** Whether every version of a record is kept. */
export function HistorySwitch({ value, onChange }: { value: boolean; onChange: (value: boolean) => void }) {
  const { t } = useSpeech();
  return <Switch checked={value} onChange={(event) => onChange(event.currentTarget.checked)} label={t("replicate.historyLabel")} description={t("replicate.historyHint")} />;
}

/** Which records are read. */
export function Filter({ value, onChange, error }: { value: string; onChange: (value: string) => void; error?: string }) {
  const { t } = useSpeech();
  return (
    <Textarea
      autosize
      minRows={1}
      label={t("replicate.filter")}
      description={t("replicate.filterHint")}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      error={error}
    />
  );
}
