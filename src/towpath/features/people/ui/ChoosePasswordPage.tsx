import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Bare } from "./Bare";
import { NewPassword } from "./NewPassword";
import { refusal } from "./refusal";

/** A person who was added, or forgot theirs, chooses a password by a link that works once. */
export default function ChoosePasswordPage() {
  const { t } = useSpeech();
  const token = window.location.hash.slice(1);
  const [password, setPassword] = useState("");
  const choose = useMutation({ mutationFn: () => api.POST("/api/v1/password-link", { body: { token, password } }) });
  const wrong = refusal(choose.error, t, { password: /^the password/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose.mutate();
  };
  if (choose.isSuccess) {
    return (
      <Bare title={t("people.chosenTitle")} lead={t("people.chosenLead")}>
        <Button component="a" href="/sign-in" size="md" autoFocus>
          {t("people.toSignIn")}
        </Button>
      </Bare>
    );
  }
  return (
    <Bare title={t("people.chooseTitle")} lead={t("people.chooseLead")}>
      {token ? (
        <form onSubmit={submit}>
          <Stack>
            <NewPassword
              size="md"
              label={t("people.newPassword")}
              value={password}
              onChange={setPassword}
              error={wrong.at("password")}
              hints={[]}
            />
            <ProblemAlert error={wrong.rest} />
            <Button type="submit" size="md" loading={choose.isPending}>
              {t("people.choose")}
            </Button>
          </Stack>
        </form>
      ) : (
        <Alert icon={<IconInfoCircle aria-hidden />} color="canal">
          <Text size="sm">{t("people.noLinkToken")}</Text>
        </Alert>
      )}
    </Bare>
  );
}
