import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { done } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { NewPassword } from "./NewPassword";
import { refusal } from "./refusal";

/** Changing one's own password, which ends the other sessions. */
export function OwnPassword() {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState("");
  const [news, setNews] = useState("");
  const close = () => {
    setOpen(false);
    setCurrent("");
    setNews("");
    change.reset();
  };
  const change = useMutation({
    mutationFn: () => data(api.POST("/api/v1/session/password", { body: { current, new: news } })),
    onSuccess: ({ ended_sessions }) => {
      done(t("people.passwordChanged", { n: ended_sessions }));
      close();
      void cache.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const wrong = refusal(change.error, t, { current: /not your password/i, new: /password/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Panel
      title={t("people.password")}
      hint={t("people.passwordLead")}
      actions={
        open ? null : (
          <Button variant="default" onClick={() => setOpen(true)}>
            {t("people.changePassword")}
          </Button>
        )
      }
    >
      {open ? (
        <form onSubmit={submit}>
          <Stack maw="26rem">
            <PasswordInput
              label={t("people.currentPassword")}
              value={current}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              error={wrong.at("current")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              autoFocus
              visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
            />
            <NewPassword label={t("people.newPassword")} value={news} onChange={setNews} error={wrong.at("new")} hints={[]} />
            <ProblemAlert error={wrong.rest} />
            <Group>
              <Button type="submit" loading={change.isPending}>
                {t("people.changePassword")}
              </Button>
              <Button variant="default" onClick={close}>
                {t("shell.cancel")}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : null}
    </Panel>
  );
}
