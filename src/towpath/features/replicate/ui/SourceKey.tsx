import { Alert, Button, Group, PasswordInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconKey, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { said } from "@ui/i18n/said";
import { done, failed } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert, sentence } from "@ui/parts/ProblemAlert";
import { Status } from "@ui/parts/Status";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { type Fact, Facts } from "./Facts";
import { BELOW, endOf, KeyEnd } from "./KeyEnd";
import type { Connection, Stream } from "./live";
import { isRival, kindOf, settingOf } from "./refusal";

/** Days before its end from which on a key calls for somebody. */
const SOON = 30;

interface RefusedProps {
  known: Connection;
  why: string | null;
}

/** Odoo does not take the key any more: what was said, and where it is mended. */
export function Refused({ known, why }: RefusedProps) {
  const { t } = useSpeech();
  const rights = known.rights as string[];
  const mine = rights.includes("manage_secrets") && rights.includes("connect");
  return (
    <Alert color="red" icon={<IconKey aria-hidden />} title={t("replicate.keyRefused")}>
      <Stack gap="xs" align="flex-start">
        {why ? <Text size="sm">{said(why)}</Text> : null}
        <Text size="sm">{t(mine ? "replicate.keyRefusedMine" : "replicate.keyRefusedTheirs")}</Text>
      </Stack>
    </Alert>
  );
}

interface KeyProps {
  known: Connection;
  /** The key does not work any more: the form is open at once. */
  refused: boolean;
  /** Streams that failed because of it. */
  failing: Stream[];
  /** An address led here to set a new one. */
  asked: boolean;
}

/** The key of a source: how old it is, when it ends, and a new one; never the key. */
export function SourceKey({ known, refused, failing, asked }: KeyProps) {
  const { t, language } = useSpeech();
  const rights = known.rights as string[];
  const mine = rights.includes("manage_secrets") && rights.includes("connect");
  const [open, setOpen] = useState(false);
  const [set, setSet] = useState(false);
  const key = known.key;
  const shown = mine && (open || ((refused || asked) && !set));
  const day = new Intl.DateTimeFormat(region(language), { dateStyle: "long", timeZone: "UTC" });
  const left = key?.expires_at ? (Date.parse(key.expires_at) - Date.now()) / 86_400_000 : null;
  const facts: Fact[] = [
    { title: t("replicate.keySet"), value: <TimeAgo at={key?.set_at} /> },
    { title: t("replicate.keyUsed"), value: <TimeAgo at={key?.used_at} /> },
    {
      title: t("replicate.keyEnds"),
      value: key?.expires_at ? (
        <Status tone={left === null || left > SOON ? "good" : left > 0 ? "warn" : "bad"}>{day.format(new Date(key.expires_at))}</Status>
      ) : (
        t("replicate.keyEndsUnknown")
      ),
    },
  ];
  return (
    <Panel
      title={t("replicate.key")}
      hint={t("replicate.keySealed")}
      actions={
        mine && !shown ? (
          <Button size="xs" variant="default" leftSection={<IconKey size={14} aria-hidden />} onClick={() => setOpen(true)}>
            {t("replicate.newKey")}
          </Button>
        ) : null
      }
    >
      <Stack gap="lg">
        <Facts facts={facts} cols={{ base: 2, xs: 3 }} />
        {shown ? (
          <NewKey
            known={known}
            focus={open || asked}
            close={refused ? undefined : () => setOpen(false)}
            set={() => {
              setOpen(false);
              setSet(true);
            }}
          />
        ) : null}
        {set && failing.length ? <Again failing={failing} /> : null}
      </Stack>
    </Panel>
  );
}

interface NewKeyProps {
  known: Connection;
  focus: boolean;
  close?: () => void;
  set: () => void;
}

/** A new key, tried before it takes the old one's place. It stays in this component. */
function NewKey({ known, focus, close, set }: NewKeyProps) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [login, setLogin] = useState(known.login ?? "");
  const [key, setKey] = useState("");
  const [ends, setEnds] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);
  const save = useMutation({
    mutationFn: async () => {
      const path = { path: { connection_id: known.id } };
      const { response } = await api.GET("/api/v1/connections/{connection_id}", { params: path });
      return data(
        api.PATCH("/api/v1/connections/{connection_id}", {
          params: { ...path, header: { "If-Match": response.headers.get("ETag") } },
          body: { key, key_expires_at: endOf(ends), force: false, ...(login === (known.login ?? "") ? {} : { login }) },
        }),
      );
    },
    onSuccess: (now) => {
      client.setQueryData(["connection", known.id], now);
      for (const name of ["sources", "secrets", "overview"]) void client.invalidateQueries({ queryKey: [name] });
      done(t("replicate.keyWorks"));
      set();
    },
    onError: () => field.current?.focus(),
  });
  const refused = ["key-refused", "two-factor", "ask-human"].includes(kindOf(save.error)) || settingOf(save.error) === "key";
  return (
    <form
      aria-label={t("replicate.newKey")}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed" maw="46rem">
          {t("replicate.newKeyHint")}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="md">
          <TextInput
            inputWrapperOrder={[...BELOW]}
            label={t("replicate.login")}
            description={t("replicate.loginOfKey")}
            autoComplete="off"
            spellCheck={false}
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
            error={settingOf(save.error) === "login" ? sentence(save.error, t) : undefined}
          />
          <PasswordInput
            ref={field}
            required
            inputWrapperOrder={[...BELOW]}
            label={t("replicate.newKeyField")}
            description={t("replicate.newKeyTested")}
            autoComplete="new-password"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            error={refused ? sentence(save.error, t) : undefined}
            visibilityToggleButtonProps={{ "aria-label": t("replicate.showKey") }}
          />
          <KeyEnd below value={ends} onChange={setEnds} />
        </SimpleGrid>
        {refused || settingOf(save.error) === "login" ? null : isRival(save.error) ? <Alert color="canal">{t("replicate.conflictSource")}</Alert> : <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          {close ? (
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
          ) : null}
          <Button type="submit" loading={save.isPending} disabled={!key}>
            {t("replicate.testAndSet")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** With the new key what had failed is run again. */
function Again({ failing }: { failing: Stream[] }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => data(api.POST("/api/v1/runs", { body: { stream_ids: failing.map((one) => one.id), kind: "sync" } })),
    onSuccess: (started) => {
      done(t("replicate.runsStarted", { n: started.runs.length }));
      for (const key of ["streams", "runs", "sources"]) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => failed(error, t),
  });
  if (run.isSuccess) return null;
  return (
    <Alert color="canal" icon={<IconKey aria-hidden />} role="status" title={t("replicate.keyWorks")}>
      <Button size="xs" leftSection={<IconPlayerPlayFilled size={14} aria-hidden />} loading={run.isPending} onClick={() => run.mutate()}>
        {t("replicate.runFailedAgain", { n: failing.length })}
      </Button>
    </Alert>
  );
}
