import { Button, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { EmailField, NameField } from "./PersonFields";
import { type Role, ROLES } from "./people";
import { refusal } from "./refusal";
import { ShownOnce } from "./ShownOnce";

function Form({ close }: { close: () => void }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<string | null>("viewer");
  const add = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/users", { body: { login, name, email: email || null, role: role as Role | null } })),
    onSuccess: (user) => {
      link.mutate(user.id);
      return Promise.all(["users", "grants"].map((key) => cache.invalidateQueries({ queryKey: [key] })));
    },
  });
  const link = useMutation({
    mutationFn: (user_id: string) =>
      data(api.POST("/api/v1/users/{user_id}/password-link", { params: { path: { user_id } } })),
  });
  const wrong = refusal(add.error, t, { login: /login/i, email: /mail/i, name: /name/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  if (add.data) {
    return (
      <Stack>
        {link.data ? <ShownOnce label={t("people.linkFor", { name: add.data.name })} value={link.data.link} hint={t("people.linkHint")} /> : null}
        <ProblemAlert error={link.error} retry={() => add.data && link.mutate(add.data.id)} />
        <Button onClick={close} loading={link.isPending}>
          {t("people.linkKept")}
        </Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField value={name} change={setName} error={wrong.at("name")} first />
        <TextInput
          label={t("people.login")}
          description={t("people.loginHintOther")}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
          error={wrong.at("login")}
          maxLength={100}
          required
          withAsterisk={false}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <EmailField value={email} change={setEmail} error={wrong.at("email")} />
        <Select
          label={t("people.roleEverywhere")}
          description={role ? t(`people.role.${role}.for`) : t("people.noRoleYet")}
          data={ROLES.map((one) => ({ value: one, label: t(`people.role.${one}`) }))}
          value={role}
          onChange={setRole}
          clearable
          clearButtonProps={{ "aria-label": t("shell.remove") }}
        />
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" loading={add.isPending}>
          {t("people.addPerson")}
        </Button>
      </Stack>
    </form>
  );
}

/** Adds a person, and shows the link by which they choose their password. */
export function AddPerson({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("people.addPerson")}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("shell.close") }}
    >
      <Form close={close} />
    </Modal>
  );
}
