import { Anchor, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import type { Session } from "@ui/session";
import { refusal } from "./refusal";
import { Copy, RecoveryCodes } from "./ShownOnce";
import classes from "./ShownOnce.module.css";
import { YourPassword } from "./YourPassword";

interface Props {
  /** The password, where it was typed just now. */
  password?: string;
  /** What shows that it is them: their password, or that they have come by another service a moment ago. */
  proof: Session["proof"];
  /** The recovery codes were seen: all is done. */
  finished: () => void;
  /** What the last button says. */
  finish: string;
}

/** The document as an image's address; a document of its own has to name its language. */
function pictureAddress(svg: string): string {
  const whole = svg.includes("xmlns=") ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  return `data:image/svg+xml,${encodeURIComponent(whole)}`;
}

/** Sets up one-time codes: the own password, the picture to scan, a first code, the recovery codes. */
export function Enrolment({ password: known = "", proof, finished, finish }: Props) {
  const { t } = useSpeech();
  const [password, setPassword] = useState(known);
  const [code, setCode] = useState("");
  const begin = useMutation({ mutationFn: () => data(api.POST("/api/v1/session/totp", { body: { password } })) });
  const confirm = useMutation({ mutationFn: () => data(api.POST("/api/v1/session/totp/confirm", { body: { code } })) });

  if (confirm.data) {
    return (
      <Stack>
        <RecoveryCodes codes={confirm.data.codes} />
        <Button onClick={finished}>{finish}</Button>
      </Stack>
    );
  }
  if (begin.data) {
    const { secret, address, picture } = begin.data;
    const wrong = refusal(confirm.error, t, { code: /code/i });
    const submit = (event: FormEvent) => {
      event.preventDefault();
      confirm.mutate();
    };
    return (
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t("people.scan")}</Text>
          <Group align="flex-start" gap="lg">
            <img className={classes.qr} src={pictureAddress(picture)} alt={t("people.qr")} />
            <Stack gap="xs" flex="1 1 13rem">
              <Text size="sm" c="dimmed">
                {t("people.orType")}
              </Text>
              <div className={classes.box} data-testid="totp-secret">
                {secret}
              </div>
              <Group gap="sm">
                <Copy value={secret} />
                <Anchor href={address} size="sm">
                  {t("people.openApp")}
                </Anchor>
              </Group>
            </Stack>
          </Group>
          <TextInput
            label={t("people.firstCode")}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={wrong.at("code")}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={20}
            required
            withAsterisk={false}
            data-autofocus
            autoFocus
          />
          <ProblemAlert error={wrong.rest} />
          <Button type="submit" loading={confirm.isPending}>
            {t("people.confirm")}
          </Button>
        </Stack>
      </form>
    );
  }
  const wrong = refusal(begin.error, t, { password: /password/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t("people.appLead")}
        </Text>
        {proof === "sign_in" || (known && !wrong.at("password")) ? null : <YourPassword value={password} onChange={setPassword} error={wrong.at("password")} />}
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" loading={begin.isPending}>
          {t("people.goOn")}
        </Button>
      </Stack>
    </form>
  );
}
