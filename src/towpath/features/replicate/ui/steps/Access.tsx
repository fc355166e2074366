import { Button, Group, List, PasswordInput, Select, SimpleGrid, Stack, Text, TextInput, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconMinus, IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { ProblemAlert, sentence } from "@ui/parts/ProblemAlert";
import { endOf, KeyEnd } from "../KeyEnd";
import { settingOf } from "../refusal";
import { StepActions } from "../StepActions";
import type { StepProps } from "../draft";

type Probe = Schemas["ProbeOut"];

/** Address, key and database, with a test that explains itself (S2.2-S2.5). The key stays in this component. */
export function Access({ draft, set, next, back }: StepProps) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [ends, setEnds] = useState("");
  const [probe, setProbe] = useState<Probe | null>(null);
  const field = {
    address: useRef<HTMLInputElement>(null),
    database: useRef<HTMLInputElement>(null),
    login: useRef<HTMLInputElement>(null),
    key: useRef<HTMLInputElement>(null),
    name: useRef<HTMLInputElement>(null),
  };
  const typed = () => ({ url: draft.url, database: draft.database || null, login: draft.login || null });
  const learn = (found: Probe) =>
    set({
      ...(found.database && !draft.database ? { database: found.database } : {}),
      ...(found.suggested_name && !draft.name ? { name: found.suggested_name } : {}),
    });
  const test = useMutation({
    mutationFn: () => data(api.POST("/api/v1/connections/probe", { body: { ...typed(), key: key || null } })),
    onSuccess: (found) => {
      setProbe(found);
      learn(found);
      if (found.ask) field[found.ask].current?.focus();
    },
  });
  // As soon as the address is typed: what it says is shown, and stands in nobody's way.
  const look = useMutation({
    mutationFn: () => data(api.POST("/api/v1/connections/probe", { body: { ...typed(), key: null } })),
    onSuccess: (found) => {
      setProbe((before) => before ?? found);
      learn(found);
    },
  });
  const add = useMutation({
    mutationFn: () => data(api.POST("/api/v1/connections", { body: { ...typed(), key, name: draft.name, key_expires_at: endOf(ends) } })),
    onSuccess: (known) => {
      for (const name of ["connections", "sources"]) void client.invalidateQueries({ queryKey: [name] });
      next({ connectionId: known.id, connectionName: known.name, folder: draft.folder || known.name });
    },
    onError: (error) => settingOf(error) === "name" && field.name.current?.focus(),
  });
  // What the test found wrong is told at the field that mends it: on a phone the test stands far below.
  const failed = probe?.steps.find((part) => part.ok === false);
  const wrong = (name: Probe["ask"]) => (probe?.ask === name && failed?.sentence ? said(failed.sentence) : undefined);
  const unfit = settingOf(add.error) === "name";
  const change = (news: Parameters<typeof set>[0]) => {
    set(news);
    if (probe?.ok) setProbe(null);
  };
  const databases = probe?.databases ?? [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (probe?.ok) add.mutate();
        else test.mutate();
      }}
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack>
          <TextInput
            ref={field.address}
            required
            label={t("replicate.address")}
            description={t("replicate.addressHint")}
            placeholder="mycompany.odoo.com"
            autoComplete="off"
            spellCheck={false}
            value={draft.url}
            onChange={(event) => change({ url: event.currentTarget.value, database: null })}
            onBlur={() => {
              if (draft.url && !probe && !test.isPending) look.mutate();
            }}
            error={wrong("address")}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" style={{ alignItems: "end" }}>
            {databases.length > 1 ? (
              <Select
                ref={field.database}
                label={t("replicate.database")}
                description={t("replicate.databaseHint")}
                placeholder={t("replicate.databaseChoose")}
                data={databases}
                value={draft.database}
                onChange={(database) => change({ database })}
                error={wrong("database")}
              />
            ) : (
              <TextInput
                ref={field.database}
                label={t("replicate.database")}
                description={t("replicate.databaseHint")}
                autoComplete="off"
                spellCheck={false}
                value={draft.database ?? ""}
                onChange={(event) => change({ database: event.currentTarget.value || null })}
                error={wrong("database")}
              />
            )}
            <TextInput
              ref={field.login}
              label={t("replicate.login")}
              description={t(probe?.needs_login ? "replicate.loginNeeded" : "replicate.loginHint")}
              autoComplete="off"
              spellCheck={false}
              value={draft.login}
              onChange={(event) => change({ login: event.currentTarget.value })}
              error={wrong("login")}
            />
          </SimpleGrid>
          <PasswordInput
            ref={field.key}
            label={t("replicate.key")}
            description={t("replicate.keyHint")}
            autoComplete="new-password"
            value={key}
            onChange={(event) => {
              setKey(event.currentTarget.value);
              if (probe?.ok) setProbe(null);
            }}
            error={wrong("key")}
            visibilityToggleButtonProps={{ "aria-label": t("replicate.showKey") }}
          />
          <KeyEnd value={ends} onChange={setEnds} />
          <TextInput
            ref={field.name}
            label={t("replicate.name")}
            description={t("replicate.nameHint")}
            autoComplete="off"
            spellCheck={false}
            value={draft.name}
            onChange={(event) => {
              set({ name: event.currentTarget.value.toLowerCase() });
              if (unfit) add.reset();
            }}
            error={unfit ? sentence(add.error, t) : undefined}
          />
        </Stack>
        <Stack gap="md" aria-live="polite">
          <Tested probe={probe} busy={test.isPending || look.isPending} />
          {probe?.ok ? (
            <Group>
              <Button variant="default" leftSection={<IconStethoscope size={17} aria-hidden />} loading={test.isPending} onClick={() => test.mutate()}>
                {t("replicate.testAgain")}
              </Button>
            </Group>
          ) : null}
          <ProblemAlert error={test.error ?? (unfit ? null : add.error)} />
        </Stack>
      </SimpleGrid>
      <StepActions
        back={back}
        busy={add.isPending || test.isPending}
        disabled={!draft.url || (Boolean(probe?.ok) && !draft.name)}
        label={t(probe?.ok ? "replicate.connect" : "replicate.testIt")}
      />
    </form>
  );
}

/** What the test found, part by part. */
function Tested({ probe, busy }: { probe: Probe | null; busy: boolean }) {
  const { t } = useSpeech();
  const parts: Probe["steps"] = probe?.steps ?? [
    { step: "address", ok: null, sentence: null },
    { step: "database", ok: null, sentence: null },
    { step: "key", ok: null, sentence: null },
  ];
  return (
    <Stack gap="sm">
      <Text fw={600}>{t(busy ? "replicate.testing" : probe?.ok ? "replicate.testGood" : "replicate.testTitle")}</Text>
      <List listStyleType="none" spacing="sm">
        {parts.map((part) => (
          <List.Item key={part.step}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <ThemeIcon size={24} radius="xl" variant={part.ok === null ? "default" : "light"} color={part.ok === false ? "red" : "canal"}>
                {part.ok === null ? (
                  <IconMinus size={14} aria-hidden />
                ) : part.ok ? (
                  <IconCheck size={15} stroke={2.5} aria-hidden />
                ) : (
                  <IconAlertTriangle size={15} aria-hidden />
                )}
              </ThemeIcon>
              <div>
                <Text size="sm" fw={550}>
                  {t(`replicate.part.${part.step}`)}
                </Text>
                <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  {part.sentence && part.ok !== false ? said(part.sentence) : t(`replicate.part.${part.step}.hint`)}
                </Text>
              </div>
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
