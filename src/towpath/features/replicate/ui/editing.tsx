import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { done } from "@ui/parts/notify";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import type { Connection } from "./live";
import { isRival } from "./refusal";

type Edit = Schemas["ConnectionEdit"];

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Some settings of a source while they are edited: what differs is stored, unless somebody else was faster. */
export function useEditing<F extends object>(known: Connection, read: (known: Connection) => F, close: () => void) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [before, setBefore] = useState(() => read(known));
  const [form, setForm] = useState(before);
  const [etag, setEtag] = useState<string | null>(null);
  const names = Object.keys(before) as (keyof F)[];
  const path = { path: { connection_id: known.id } };
  // The state that is edited, as the server names it: read when the form opens.
  const opened = useQuery({
    queryKey: ["connection", known.id, "edited"],
    queryFn: async () => (await api.GET("/api/v1/connections/{connection_id}", { params: path })).response.headers.get("ETag"),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const save = useMutation({
    mutationFn: async (more: Partial<Edit>) => {
      const changed = Object.fromEntries(names.filter((name) => !same(form[name], before[name])).map((name) => [name, form[name]]));
      if (Object.keys(changed).length === 0) return null;
      return data(
        api.PATCH("/api/v1/connections/{connection_id}", {
          params: { ...path, header: { "If-Match": etag ?? opened.data ?? "" } },
          body: { ...changed, force: false, ...more } as Edit,
        }),
      );
    },
    onSuccess: () => {
      for (const key of ["connection", "connections", "sources", "streams"]) void client.invalidateQueries({ queryKey: [key] });
      done(t("replicate.saved"));
      close();
    },
  });
  const again = useMutation({
    mutationFn: () => api.GET("/api/v1/connections/{connection_id}", { params: path }),
    onSuccess: ({ data: now, response }) => {
      if (!now) return;
      const theirs = read(now);
      // What was set here stays; the rest is as somebody else has left it.
      setForm(Object.fromEntries(names.map((name) => [name, same(form[name], before[name]) ? theirs[name] : form[name]])) as F);
      setBefore(theirs);
      setEtag(response.headers.get("ETag"));
      save.reset();
    },
  });
  const set = (news: Partial<F>) => setForm((now) => ({ ...now, ...news }));
  return { form, before, set, save, again, close, ready: Boolean(opened.data) };
}

type Footing = Pick<ReturnType<typeof useEditing>, "save" | "again" | "close" | "ready">;

/** The end of such a form: what went wrong and is told nowhere else, and its buttons. */
export function EditingEnd({ save, again, close, ready, told }: Footing & { /** Whether a field tells what is wrong. */ told: boolean }) {
  const { t } = useSpeech();
  return (
    <>
      {isRival(save.error) ? (
        <Group gap="xs" role="alert">
          <Text size="sm" c="var(--mantine-color-error)">
            {t("replicate.conflictSource")}
          </Text>
          <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
            {t("replicate.keepMine")}
          </Button>
        </Group>
      ) : told ? null : (
        <ProblemAlert error={save.error} />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("shell.cancel")}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!ready}>
          {t("shell.save")}
        </Button>
      </Group>
    </>
  );
}
