import { Button, Divider, Drawer, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";
import { done } from "@ui/parts/notify";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { GrantEditor } from "./GrantEditor";
import { EmailField, NameField } from "./PersonFields";
import type { User } from "./people";
import { refusal } from "./refusal";
import { ShownOnce } from "./ShownOnce";

function Person({ user, gone }: { user: User; gone: () => void }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const params = { path: { user_id: user.id } };
  // To shut somebody out counts whatever else was changed meanwhile.
  const whatever = { ...params, header: { "If-Match": "*" } };
  const [name, setName] = useState(user.name);
  const [email, setEmail] = useState(user.email ?? "");
  // The mark of the state that is shown: whoever changed it meanwhile is not overwritten.
  const mark = useQuery({
    queryKey: ["users", user.id, "mark"],
    queryFn: async () => (await api.GET("/api/v1/users/{user_id}", { params })).response.headers.get("ETag"),
  });
  const refresh = () => cache.invalidateQueries({ queryKey: ["users"] });
  const keep = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/users/{user_id}", {
        params: { ...params, header: { "If-Match": mark.data ?? undefined } },
        body: { name, email: email || null },
      }),
    onSuccess: () => {
      done(t("people.kept"));
      return refresh();
    },
  });
  const link = useMutation({
    mutationFn: () => data(api.POST("/api/v1/users/{user_id}/password-link", { params })),
  });
  const enable = useMutation({
    mutationFn: () => api.PATCH("/api/v1/users/{user_id}", { params: whatever, body: { disabled: false } }),
    onSuccess: refresh,
  });
  const disable = () =>
    ask({
      title: t("people.disableTitle", { name: user.name }),
      body: t("people.disableBody"),
      action: t("people.disable"),
      danger: true,
      run: async () => {
        await api.PATCH("/api/v1/users/{user_id}", { params: whatever, body: { disabled: true } });
        await refresh();
      },
    });
  const removeCodes = () =>
    ask({
      title: t("people.removeCodesTitle", { name: user.name }),
      body: t("people.removeCodesBody"),
      action: t("people.removeCodes"),
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/users/{user_id}/totp", { params });
        await refresh();
      },
    });
  const remove = () =>
    ask({
      title: t("people.deleteTitle", { name: user.name }),
      body: t("people.deleteBody"),
      action: t("people.delete"),
      typed: user.login,
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/users/{user_id}", { params });
        await refresh();
        gone();
      },
    });
  const wrong = refusal(keep.error, t, { email: /mail/i, name: /name/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  const changed = name !== user.name || email !== (user.email ?? "");
  return (
    <Stack gap="lg">
      {dialog}
      <Text size="sm" c="dimmed">
        {user.login} · {t(`people.source.${user.source}`)} · {t("people.added")} <TimeAgo at={user.created_at} />
      </Text>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NameField value={name} change={setName} error={wrong.at("name")} />
          <EmailField value={email} change={setEmail} error={wrong.at("email")} />
          <ProblemAlert error={wrong.rest} />
          <Group>
            <Button type="submit" variant="default" disabled={!changed} loading={keep.isPending}>
              {t("shell.save")}
            </Button>
          </Group>
        </Stack>
      </form>
      <Divider />
      <GrantEditor of={{ user_id: user.id }} label={t("people.roles")} />
      <Divider />
      <Stack gap="sm">
        <Text fw={600}>{t("people.help")}</Text>
        {link.data ? <ShownOnce label={t("people.linkFor", { name: user.name })} value={link.data.link} hint={t("people.linkHint")} /> : null}
        <ProblemAlert error={link.error ?? enable.error} />
        <Group gap="xs">
          {user.source === "local" && !user.disabled_at ? (
            <Button variant="default" loading={link.isPending} onClick={() => link.mutate()}>
              {t("people.passwordLink")}
            </Button>
          ) : null}
          {user.totp_since ? (
            <Button variant="default" onClick={removeCodes}>
              {t("people.removeCodes")}
            </Button>
          ) : null}
          {user.disabled_at ? (
            <Button variant="default" loading={enable.isPending} onClick={() => enable.mutate()}>
              {t("people.enable")}
            </Button>
          ) : null}
          {user.disabled_at ? (
            <Button variant="light" color="red" c="var(--towpath-bad)" onClick={remove}>
              {t("people.delete")}
            </Button>
          ) : (
            <Button variant="light" color="red" c="var(--towpath-bad)" onClick={disable}>
              {t("people.disable")}
            </Button>
          )}
        </Group>
      </Stack>
    </Stack>
  );
}

/** A person: name, roles per connection, help with password and authenticator, shutting them out, and deleting who is shut out. */
export function PersonDrawer({ user, close }: { user: User | undefined; close: () => void }) {
  const { t } = useSpeech();
  return (
    <Drawer
      opened={user !== undefined}
      onClose={close}
      position="right"
      size={480}
      title={<Text fw={650}>{user?.name}</Text>}
      closeButtonProps={{ "aria-label": t("shell.close") }}
    >
      {user ? <Person key={user.id} user={user} gone={close} /> : null}
    </Drawer>
  );
}
