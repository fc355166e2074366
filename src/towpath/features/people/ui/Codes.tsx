import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Status } from "@ui/parts/Status";
import { TimeAgo } from "@ui/parts/TimeAgo";
import type { Session } from "@ui/session";
import { Enrolment } from "./Enrolment";
import { refusal } from "./refusal";
import { RecoveryCodes } from "./ShownOnce";
import { YourPassword } from "./YourPassword";

type Task = "renew" | "off";

/** Something done to one's codes, with the own password once more. */
function Proved({ task, proof, finished }: { task: Task; proof: Session["proof"]; finished: () => void }) {
  const { t } = useSpeech();
  const [password, setPassword] = useState("");
  const go = useMutation({
    mutationFn: async () => {
      if (task === "renew") return (await data(api.POST("/api/v1/session/totp/recovery-codes", { body: { password } }))).codes;
      await api.POST("/api/v1/session/totp/off", { body: { password } });
      finished();
      return null;
    },
  });
  const wrong = refusal(go.error, t, { password: /password/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go.mutate();
  };
  if (go.data) {
    return (
      <Stack>
        <RecoveryCodes codes={go.data} />
        <Button onClick={finished}>{t("people.keptThem")}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t(`people.codes.${task}Lead`)}</Text>
        {proof === "sign_in" ? null : <YourPassword value={password} onChange={setPassword} error={wrong.at("password")} />}
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" loading={go.isPending} color={task === "off" ? "red.8" : undefined}>
          {t(`people.codes.${task}`)}
        </Button>
      </Stack>
    </form>
  );
}

/** One-time codes of one's own: whether they are asked for, and setting them up. */
export function Codes({ session }: { session: Session }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [task, setTask] = useState<Task | "enrol" | null>(null);
  const finished = () => {
    setTask(null);
    void cache.invalidateQueries({ queryKey: ["session"] });
  };
  const on = session.totp_since !== null;
  const left = session.recovery_codes_left ?? 0;
  return (
    <Panel title={t("people.codes")} hint={t("people.codesLead")}>
      <Group justify="space-between" gap="sm">
        <Stack gap={4}>
          <Status tone={on ? "good" : "quiet"}>{t(on ? "people.codesOn" : "people.codesOff")}</Status>
          {on ? (
            <Text size="sm" c={left < 3 ? "var(--towpath-warn)" : "dimmed"}>
              <TimeAgo at={session.totp_since} /> · {t("people.recoveryLeft", { n: left })}
            </Text>
          ) : null}
        </Stack>
        <Group gap="xs">
          {on ? (
            <>
              <Button variant="default" onClick={() => setTask("renew")}>
                {t("people.codes.renew")}
              </Button>
              <Button variant="default" onClick={() => setTask("off")}>
                {t("people.codes.off")}
              </Button>
            </>
          ) : (
            <Button onClick={() => setTask("enrol")}>{t("people.codes.enrol")}</Button>
          )}
        </Group>
      </Group>
      <Modal
        opened={task !== null}
        onClose={finished}
        title={task ? t(`people.codes.${task}`) : ""}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        {task === "enrol" ? <Enrolment proof={session.proof} finished={finished} finish={t("people.keptThem")} /> : null}
        {task === "renew" || task === "off" ? <Proved task={task} proof={session.proof} finished={finished} /> : null}
      </Modal>
    </Panel>
  );
}
