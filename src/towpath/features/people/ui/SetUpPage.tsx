import { Alert, Button, Stack, Text, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Bare } from "./Bare";
import { NewPassword } from "./NewPassword";
import { refusal } from "./refusal";

/** The first minute: the administrator is made by the link on the console, and is in the workspace. */
export default function SetUpPage() {
  const { t } = useSpeech();
  const token = window.location.hash.slice(1);
  const ways = useQuery({ queryKey: ["sign-in"], queryFn: () => data(api.GET("/api/v1/sign-in")) });
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/setup", { body: { token, login, name, password } })),
    onSuccess: () => window.location.assign("/"),
  });
  const wrong = refusal(make.error, t, { password: /password/i, login: /login/i, name: /\bname\b/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };

  if (ways.data && !ways.data.first_run && !make.isSuccess) {
    return (
      <Bare title={t("people.isSetUp")} lead={t("people.isSetUpLead")}>
        <Button component="a" href="/sign-in" size="md">
          {t("people.toSignIn")}
        </Button>
      </Bare>
    );
  }
  return (
    <Bare title={t("people.setUpTitle")} lead={t("people.setUpLead")}>
      {token ? (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t("people.name")}
              description={t("people.nameHint")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={wrong.at("name")}
              autoComplete="name"
              maxLength={100}
              required
              withAsterisk={false}
              autoFocus
              size="md"
            />
            <TextInput
              label={t("people.login")}
              description={t("people.loginHint")}
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
              error={wrong.at("login")}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={100}
              required
              withAsterisk={false}
              size="md"
            />
            <NewPassword
              size="md"
              label={t("people.password")}
              value={password}
              onChange={setPassword}
              error={wrong.at("password")}
              hints={[login, name]}
            />
            <ProblemAlert error={wrong.rest} />
            <Button type="submit" size="md" loading={make.isPending || make.isSuccess}>
              {t("people.setUp")}
            </Button>
          </Stack>
        </form>
      ) : (
        <Alert icon={<IconInfoCircle aria-hidden />} color="canal">
          <Text size="sm">{t("people.noToken")}</Text>
        </Alert>
      )}
    </Bare>
  );
}
