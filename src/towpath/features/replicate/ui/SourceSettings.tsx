import { Button, Checkbox, Group, Modal, PasswordInput, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { done } from "@ui/parts/notify";
import { ProblemAlert, sentence } from "@ui/parts/ProblemAlert";
import type { Connection } from "./live";
import { isRival, kindOf, settingOf } from "./refusal";

type Edit = Schemas["ConnectionEdit"];

/** Kinds of refusals, and the field they are about. */
const fields: Record<string, string> = { address: "url", database: "database", "key-refused": "login", "two-factor": "login", "ask-human": "login" };

/** Name, address, database and user of a source; what leads to Odoo is tried before it is stored. */
export function SourceSettings({ known, close }: { known: Connection; close: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const stored = { name: known.name, url: known.url, database: known.database ?? "", login: known.login ?? "", witness_id: known.witness_id ?? null };
  const [before, setBefore] = useState(stored);
  const [form, setForm] = useState(stored);
  const [force, setForce] = useState(false);
  const [key, setKey] = useState("");
  const [etag, setEtag] = useState<string | null>(null);
  const set = (news: Partial<typeof form>) => setForm((now) => ({ ...now, ...news }));
  const path = { path: { connection_id: known.id } };
  // The stored key goes to no other server: it is asked for where the address leads to one.
  const moved = form.url !== before.url && (known.rights as string[]).includes("manage_secrets");
  const others = useQuery({
    queryKey: ["connections"],
    queryFn: () => data(api.GET("/api/v1/connections", { params: { query: { limit: 500 } } })),
  });
  // The state that is edited, as the server names it: read when the form opens.
  const opened = useQuery({
    queryKey: ["connection", known.id, "edited"],
    queryFn: async () => {
      const answer = await api.GET("/api/v1/connections/{connection_id}", { params: path });
      return answer.response.headers.get("ETag");
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const save = useMutation({
    mutationFn: async () => {
      const changed = Object.fromEntries(
        (Object.keys(form) as (keyof typeof form)[]).filter((name) => form[name] !== before[name]).map((name) => [name, form[name]]),
      );
      if (Object.keys(changed).length === 0) return null;
      return data(
        api.PATCH("/api/v1/connections/{connection_id}", {
          params: { ...path, header: { "If-Match": etag ?? opened.data ?? "" } },
          body: { ...changed, force, ...(moved && key ? { key } : {}) } as Edit,
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
      const theirs = { name: now.name, url: now.url, database: now.database ?? "", login: now.login ?? "", witness_id: now.witness_id ?? null };
      // What was typed here stays; the rest is as somebody else has left it.
      setForm(Object.fromEntries(Object.entries(theirs).map(([name, value]) => [name, form[name as keyof typeof form] === before[name as keyof typeof form] ? value : form[name as keyof typeof form]])) as typeof form);
      setBefore(theirs);
      setEtag(response.headers.get("ETag"));
      save.reset();
    },
  });
  const about = settingOf(save.error) ?? fields[kindOf(save.error)] ?? null;
  const wrong = (name: string) => (save.error && about === name ? sentence(save.error, t) : undefined);
  const other = settingOf(save.error) === "url" || settingOf(save.error) === "database";
  return (
    <Modal opened onClose={close} size="lg" title={t("replicate.sourceSettings")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput data-autofocus label={t("replicate.name")} description={t("replicate.renameHint")} spellCheck={false} value={form.name} onChange={(event) => set({ name: event.currentTarget.value.toLowerCase() })} error={wrong("name")} />
          <TextInput label={t("replicate.address")} description={t("replicate.moveHint")} spellCheck={false} value={form.url} onChange={(event) => set({ url: event.currentTarget.value })} error={wrong("url")} />
          {moved ? (
            <PasswordInput label={t("replicate.movedKey")} autoComplete="new-password" value={key} onChange={(event) => setKey(event.currentTarget.value)} error={wrong("key")} visibilityToggleButtonProps={{ "aria-label": t("replicate.showKey") }} />
          ) : null}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t("replicate.database")} description={t("replicate.databaseHint")} spellCheck={false} value={form.database} onChange={(event) => set({ database: event.currentTarget.value })} error={wrong("database")} />
            <TextInput label={t("replicate.login")} description={t("replicate.loginOfKey")} spellCheck={false} value={form.login} onChange={(event) => set({ login: event.currentTarget.value })} error={wrong("login")} />
          </SimpleGrid>
          {other || force ? <Checkbox color="red" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} label={t("replicate.force")} description={t("replicate.forceHint")} /> : null}
          <Select
            clearable
            label={t("replicate.witnessLabel")}
            description={t("replicate.witnessHint")}
            value={form.witness_id}
            onChange={(witness_id) => set({ witness_id })}
            data={others.data?.items.filter((one) => one.id !== known.id).map((one) => ({ value: one.id, label: one.name })) ?? []}
            error={wrong("witness_id")}
          />
          {isRival(save.error) ? (
            <Group gap="xs" role="alert">
              <Text size="sm" c="var(--mantine-color-error)">
                {t("replicate.conflictSource")}
              </Text>
              <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
                {t("replicate.keepMine")}
              </Button>
            </Group>
          ) : about && ["name", "url", "database", "login", "witness_id", ...(moved ? ["key"] : [])].includes(about) ? null : (
            <ProblemAlert error={save.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!opened.data}>
              {t("shell.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
