import { Checkbox, Modal, PasswordInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { sentence } from "@ui/parts/ProblemAlert";
import { EditingEnd, useEditing } from "./editing";
import type { Connection } from "./live";
import { kindOf, settingOf } from "./refusal";

/** Kinds of refusals, and the field they are about. */
const fields: Record<string, string> = { address: "url", database: "database", "key-refused": "login", "two-factor": "login", "ask-human": "login" };

function placeOf(known: Connection) {
  return { name: known.name, url: known.url, database: known.database ?? "", login: known.login ?? "", witness_id: known.witness_id ?? null };
}

/** Name, address, database and user of a source; what leads to Odoo is tried before it is stored. */
export function SourceSettings({ known, close }: { known: Connection; close: () => void }) {
  const { t } = useSpeech();
  const editing = useEditing(known, placeOf, close);
  const { form, before, set, save } = editing;
  const [force, setForce] = useState(false);
  const [key, setKey] = useState("");
  // The stored key goes to no other server: it is asked for where the address leads to one.
  const moved = form.url !== before.url && (known.rights as string[]).includes("manage_secrets");
  const others = useQuery({
    queryKey: ["connections"],
    queryFn: () => data(api.GET("/api/v1/connections", { params: { query: { limit: 500 } } })),
  });
  const about = settingOf(save.error) ?? fields[kindOf(save.error)] ?? null;
  const wrong = (name: string) => (save.error && about === name ? sentence(save.error, t) : undefined);
  const other = settingOf(save.error) === "url" || settingOf(save.error) === "database";
  return (
    <Modal opened onClose={close} size="lg" title={t("replicate.sourceSettings")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ force, ...(moved && key ? { key } : {}) });
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
          <EditingEnd {...editing} told={about !== null && (about in form || (moved && about === "key"))} />
        </Stack>
      </form>
    </Modal>
  );
}
