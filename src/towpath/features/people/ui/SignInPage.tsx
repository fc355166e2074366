import { Alert, Anchor, Button, Code, Divider, NativeSelect, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconDoorEnter, IconShieldLock } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Bare } from "./Bare";
import { Enrolment } from "./Enrolment";
import { nextPage } from "./next";
import { refusal } from "./refusal";

type Session = Schemas["SessionOut"];

const leave = () => window.location.assign(nextPage());

function Methods({ methods }: { methods: Schemas["MethodOut"][] }) {
  const { t } = useSpeech();
  const buttons = methods.filter((one) => one.kind === "oidc");
  if (buttons.length === 0) return null;
  return (
    <Stack gap="sm">
      <Divider label={t("people.or")} />
      {buttons.map((one) => (
        <Button
          key={one.id}
          component="a"
          href={`/api/v1/sign-in/${encodeURIComponent(one.id)}/begin?next=${encodeURIComponent(nextPage())}`}
          variant="default"
          size="md"
          leftSection={<IconDoorEnter size={18} aria-hidden />}
        >
          {t("people.signInWith", { title: one.title })}
        </Button>
      ))}
    </Stack>
  );
}

interface PasswordStepProps {
  signedIn: (session: Session, password: string) => void;
  /** Directories that know passwords of their own. */
  directories: Schemas["MethodOut"][];
}

function PasswordStep({ signedIn, directories }: PasswordStepProps) {
  const { t } = useSpeech();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [directory, setDirectory] = useState("");
  const enter = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/session", { body: { login, password, method_id: directory || null } })),
    onSuccess: (session) => signedIn(session, password),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {directories.length > 0 ? (
          <NativeSelect
            label={t("people.passwordOf")}
            value={directory}
            onChange={(event) => setDirectory(event.currentTarget.value)}
            data={[
              { value: "", label: "Towpath" },
              ...directories.map((one) => ({ value: one.id, label: one.title })),
            ]}
            size="md"
          />
        ) : null}
        <TextInput
          label={t("people.login")}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={100}
          required
          withAsterisk={false}
          autoFocus
          size="md"
        />
        <PasswordInput
          label={t("people.password")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
        />
        <ProblemAlert error={enter.error} />
        <Button type="submit" size="md" loading={enter.isPending}>
          {t("people.signIn")}
        </Button>
      </Stack>
    </form>
  );
}

function CodeStep({ back }: { back: () => void }) {
  const { t } = useSpeech();
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const give = useMutation({
    mutationFn: () => data(api.POST("/api/v1/session/code", { body: { code: code.trim() } })),
    onSuccess: leave,
  });
  const wrong = refusal(give.error, t, { code: /code/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    give.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          key={recovery ? "recovery" : "app"}
          label={t(recovery ? "people.recoveryCode" : "people.code")}
          description={t(recovery ? "people.recoveryHint" : "people.codeHint")}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={wrong.at("code")}
          inputMode={recovery ? "text" : "numeric"}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={20}
          required
          withAsterisk={false}
          autoFocus
          size="md"
        />
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" size="md" loading={give.isPending}>
          {t("people.signIn")}
        </Button>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            setRecovery(!recovery);
            setCode("");
            give.reset();
          }}
        >
          {t(recovery ? "people.useApp" : "people.useRecovery")}
        </Anchor>
        <Anchor component="button" type="button" size="sm" onClick={back}>
          {t("people.otherPerson")}
        </Anchor>
      </Stack>
    </form>
  );
}

/** Signing in: the password, a one-time code where it is asked for, or another way; and setting codes up where they must be. */
export default function SignInPage() {
  const { t } = useSpeech();
  const words = new URLSearchParams(window.location.search);
  const [session, setSession] = useState<Session | null>(null);
  const [password, setPassword] = useState("");
  // Led here half signed in. Not asked otherwise: a refusal is no news to somebody who comes to sign in.
  const halfway = useQuery({
    queryKey: ["session", "halfway"],
    queryFn: () => data(api.GET("/api/v1/session")),
    enabled: words.has("step") && session === null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [again, setAgain] = useState(false);
  const ways = useQuery({ queryKey: ["sign-in"], queryFn: () => data(api.GET("/api/v1/sign-in")) });
  const pending = again ? null : ((session ?? halfway.data)?.pending ?? null);
  const startAgain = () => {
    void api.DELETE("/api/v1/session").catch(() => undefined);
    setSession(null);
    setAgain(true);
  };

  if (pending === "code") {
    return (
      <Bare title={t("people.codeTitle")} lead={t("people.codeLead")}>
        <CodeStep back={startAgain} />
      </Bare>
    );
  }
  if (pending === "enrol") {
    return (
      <Bare title={t("people.enrolTitle")} lead={t("people.enrolLead")} wide>
        <Enrolment password={password} proof={(session ?? halfway.data)?.proof ?? "password"} finished={leave} finish={t("people.intoWorkspace")} />
        <Anchor component="button" type="button" size="sm" ta="start" onClick={startAgain}>
          {t("people.otherPerson")}
        </Anchor>
      </Bare>
    );
  }
  if (ways.data?.first_run) {
    return (
      <Bare title={t("people.notSetUp")} lead={t("people.notSetUpLead")}>
        <Alert icon={<IconShieldLock aria-hidden />} color="canal">
          <Text size="sm">{t("people.notSetUpHow")}</Text>
          <Code block mt="sm">
            towpath up
          </Code>
        </Alert>
      </Bare>
    );
  }
  // A word, never a text: an address must not be able to put sentences on our page.
  const word = words.get("problem");
  const problem = word === "unknown" || word === "unavailable" ? word : "refused";
  return (
    <Bare title={t("people.signInTitle")} lead={t("people.signInLead")}>
      {word ? (
        <Alert color="red" role="alert">
          {t(`people.problem.${problem}`)}
        </Alert>
      ) : null}
      <ProblemAlert error={ways.error} retry={() => void ways.refetch()} />
      <PasswordStep
        directories={ways.data?.methods.filter((one) => one.kind === "ldap") ?? []}
        signedIn={(opened, typed) => {
          if (!opened.pending) return leave();
          setAgain(false);
          setPassword(typed);
          setSession(opened);
        }}
      />
      <Methods methods={ways.data?.methods ?? []} />
      <Text size="sm" c="dimmed">
        {t("people.forgotten")}
      </Text>
    </Bare>
  );
}
