import { Button, Group, Select, Stack, TextInput, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { type Language, languages } from "@ui/i18n/messages";
import { done } from "@ui/parts/notify";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { keepChoice, type Session, useSession } from "@ui/session";
import { Codes } from "./Codes";
import { MyTokens } from "./MyTokens";
import { OwnPassword } from "./OwnPassword";
import { refusal } from "./refusal";
import { Sessions } from "./Sessions";

const looks = ["auto", "light", "dark"] as const;

function Profile({ session }: { session: Session }) {
  const { t, language, setLanguage } = useSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const cache = useQueryClient();
  const [name, setName] = useState(session.name);
  const keep = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/session", { body: { name } })),
    onSuccess: (changed) => {
      cache.setQueryData(["session"], changed);
      done(t("people.kept"));
    },
  });
  const wrong = refusal(keep.error, t, { name: /name/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <Panel title={t("people.profile")} hint={t("people.signedInAs", { login: session.login })}>
      <Stack>
        <form onSubmit={submit}>
          <Group align="flex-start" gap="sm">
            <TextInput
              flex="1 1 14rem"
              label={t("people.name")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={wrong.at("name")}
              autoComplete="name"
              maxLength={100}
              required
              withAsterisk={false}
            />
            <Button type="submit" variant="default" mt={25} loading={keep.isPending} disabled={name === session.name}>
              {t("shell.save")}
            </Button>
          </Group>
        </form>
        <ProblemAlert error={wrong.rest} />
        <Group gap="sm" grow preventGrowOverflow={false}>
          <Select
            miw={140}
            label={t("shell.language")}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            value={language}
            allowDeselect={false}
            onChange={(value) => {
              if (!value) return;
              setLanguage(value as Language);
              keepChoice({ language: value as Language });
            }}
          />
          <Select
            miw={140}
            label={t("shell.look")}
            data={looks.map((value) => ({ value, label: t(`shell.look.${value}`) }))}
            value={colorScheme}
            allowDeselect={false}
            onChange={(value) => {
              const look = looks.find((one) => one === value);
              if (!look) return;
              setColorScheme(look);
              keepChoice({ theme: look });
            }}
          />
        </Group>
      </Stack>
    </Panel>
  );
}

/** What a person sees and changes of themselves. */
export default function AccountPage() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  if (!session) return null;
  return (
    <>
      <PageHeader title={t("shell.account")} lead={t("people.accountLead")} />
      <Stack gap="lg" maw="58rem">
        <Profile session={session} />
        {session.has_password ? <OwnPassword /> : null}
        <Codes session={session} />
        <Sessions />
        <MyTokens session={session} />
      </Stack>
    </>
  );
}
