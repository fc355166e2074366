import { Button, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Status, type Tone } from "@ui/parts/Status";
import type { Method } from "./ways";

const toneOf = (ok: boolean | null): Tone => (ok === null ? "quiet" : ok ? "good" : "bad");

/** Tries a way to sign in step by step, and says which one does not hold. */
export function WayTest({ method, atOnce }: { method: Method; atOnce: boolean }) {
  const { t } = useSpeech();
  const [login, setLogin] = useState("");
  const run = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/sign-in-methods/{method_id}/test", {
          params: { path: { method_id: method.id } },
          body: { login: login.trim() || null },
        }),
      ),
  });
  const begun = useRef(false);
  const place = useRef<HTMLFormElement>(null);
  const { mutate } = run;
  useEffect(() => {
    if (!atOnce || begun.current) return;
    begun.current = true;
    place.current?.scrollIntoView({ block: "center" }); // who saved is at the other end of a long form
    mutate();
  }, [atOnce, mutate]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit} ref={place}>
      <Stack gap="sm">
        <Group gap="xs" align="flex-end">
          {method.config.kind === "ldap" ? (
            <TextInput
              flex="1 1 12rem"
              label={t("people.testLogin")}
              description={t("people.testLoginHint")}
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
              maxLength={100}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          ) : null}
          <Button type="submit" variant="default" loading={run.isPending}>
            {t("people.testThis")}
          </Button>
        </Group>
        <ProblemAlert error={run.error} />
        <div role="status">
          {run.data ? (
            <Stack gap="xs">
              <List listStyleType="none" spacing="sm" aria-label={t("people.testSteps")}>
                {run.data.steps.map((one) => (
                  <List.Item key={one.name}>
                    <Status tone={toneOf(one.ok)}>{t(`people.step.${one.name}`)}</Status>
                    <Text size="sm" c="dimmed" ps={22} style={{ overflowWrap: "anywhere" }}>
                      {one.ok === null ? t("people.stepNotTried") : said(one.message)}
                    </Text>
                  </List.Item>
                ))}
              </List>
              {run.data.ok && method.config.kind === "oidc" ? (
                <Text size="sm">{t("people.testedOidc")}</Text>
              ) : null}
            </Stack>
          ) : null}
        </div>
      </Stack>
    </form>
  );
}
