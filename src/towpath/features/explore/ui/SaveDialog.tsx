import { Button, Group, Modal, MultiSelect, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { done } from "@ui/parts/notify";
import { ProblemAlert } from "@ui/parts/ProblemAlert";

type Saved = Schemas["SavedOut"];

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The saved query that is changed; a new one is made without, or when it is somebody else's. */
  query: Saved | null;
  sql: string;
  chart: Schemas["ChartIn"] | null;
  onSaved: (query: Saved) => void;
}

/** Title, purpose and sharing of a query. */
export function SaveDialog({ opened, onClose, query, sql, chart, onSaved }: Props) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [shared, setShared] = useState(false);
  const [groups, setGroups] = useState<string[]>([]);
  const mygroups = useQuery({
    queryKey: ["queries", "groups"],
    queryFn: () => data(api.GET("/api/v1/queries/groups", { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
    enabled: opened,
  });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const mine = query?.mine ? query : null;
  useEffect(() => {
    if (!opened) return;
    setTitle(query?.title ?? "");
    setDescription(query?.description ?? "");
    setShared(mine?.shared_with.includes("everybody") ?? false);
    setGroups(mine?.shared_with.filter((one) => one !== "everybody") ?? []);
    setError(null);
  }, [opened, query, mine]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { title, description, sql, chart, shared_with: shared ? ["everybody", ...groups] : groups };
    try {
      let kept: Saved;
      if (mine) {
        const path = { query: mine.id };
        const before = await api.GET("/api/v1/queries/{query}", { params: { path } });
        const tag = before.response.headers.get("ETag") ?? "";
        kept = await data(api.PATCH("/api/v1/queries/{query}", { params: { path, header: { "If-Match": tag } }, body }));
      } else {
        kept = await data(api.POST("/api/v1/queries", { body }));
      }
      await cache.invalidateQueries({ queryKey: ["queries", "saved"] });
      done(t("explore.savedNow"));
      onSaved(kept);
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t(query && !mine ? "explore.saveAs" : "explore.saveQuery")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form onSubmit={(event) => void save(event)}>
        <Stack>
          <TextInput label={t("explore.title")} required maxLength={120} value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
          <Textarea label={t("explore.description")} maxLength={2000} autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Switch label={t("explore.share")} description={t("explore.shareHint")} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          {mygroups.data?.items.length ? (
            <MultiSelect
              label={t("explore.shareGroups")}
              data={mygroups.data.items.map((one) => ({ value: one.id, label: one.name }))}
              value={groups}
              onChange={setGroups}
            />
          ) : null}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("shell.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
