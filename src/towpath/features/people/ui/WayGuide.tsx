import { Accordion, ActionIcon, Anchor, CopyButton, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Loaded } from "@ui/parts/Loaded";
import { Status } from "@ui/parts/Status";
import classes from "./WayGuide.module.css";
import type { Kind } from "./ways";

export type Audience = Schemas["GuideOut"]["audience"];

const TENANT = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
/** What stands in an address for what is not known yet. */
const UNKNOWN = /<[^>]+>/;

/** The tenant that an address of Entra names. */
export const tenantOf = (issuer: string) => TENANT.exec(issuer)?.[0] ?? "";

interface Asked {
  provider: Kind;
  tenant: string;
  methodId?: string;
  /** What the issuer is, once that is known. */
  issuer: (address: string) => void;
}

/** The guide to a service; it also works out the issuer. */
export function useGuide({ provider, tenant, methodId, issuer }: Asked) {
  const [audience, setAudience] = useState<Audience>();
  const whole = TENANT.exec(tenant.trim())?.[0];
  const guide = useQuery({
    queryKey: ["sign-in-guides", provider, audience, whole, methodId],
    queryFn: () =>
      data(
        api.GET("/api/v1/sign-in-guides/{provider}", {
          params: { path: { provider }, query: { audience, tenant: whole, method_id: methodId } },
        }),
      ),
    placeholderData: (before) => (before?.provider === provider ? before : undefined),
    gcTime: 0, // who can sign in may have changed
  });
  const found = guide.isPlaceholderData ? undefined : guide.data?.issuer;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is newly worked out is put into the field
  useEffect(() => {
    if (found && !UNKNOWN.test(found)) issuer(found);
  }, [found]);
  return { guide, audience: audience ?? guide.data?.audience ?? "staff", setAudience };
}

function Value({ value }: { value: string }) {
  const { t } = useSpeech();
  return (
    <Group gap={4} wrap="nowrap" align="center">
      <Text component="div" className={classes.value} flex={1}>
        {value}
      </Text>
      {window.isSecureContext && !UNKNOWN.test(value) ? (
        <CopyButton value={value} timeout={2_000}>
          {({ copied, copy }) => (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={copy}
              aria-label={copied ? t("shell.copied") : `${t("shell.copy")}: ${value}`}
            >
              {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      ) : null}
    </Group>
  );
}

function Steps({ guide }: { guide: Schemas["GuideOut"] }) {
  const { t } = useSpeech();
  return (
    <ol className={classes.steps} aria-label={t("people.guide.steps", { title: guide.title })}>
      {guide.steps.map(({ name, text, link, value }) => (
        <li key={name}>
          {said(text)}
          {link ? (
            <>
              {" "}
              <Anchor href={link.address} target="_blank" rel="noreferrer" fz="inherit" style={{ whiteSpace: "nowrap" }}>
                {said(link.title)} <IconExternalLink size={13} aria-label={t("people.guide.newTab")} />
              </Anchor>
            </>
          ) : null}
          {value ? <Value value={value} /> : null}
        </li>
      ))}
    </ol>
  );
}

interface Props extends Pick<ReturnType<typeof useGuide>, "guide" | "audience" | "setAudience"> {
  /** Whether the steps are shown from the start: of a way that stands they are behind one. */
  opened: boolean;
}

/** What to do at the other service, in order, and what Towpath checks by itself. */
export function WayGuide({ guide, audience, setAudience, opened }: Props) {
  const { t } = useSpeech();
  return (
    <aside className={classes.guide} aria-label={t("people.guide")}>
      <Loaded query={guide} lines={8}>
        {(told) => (
          <Stack gap="md">
            <Stack gap="sm" role="group" aria-label={t("people.guide.checks")}>
              {told.checks.map(({ name, ok, message }) => (
                <div key={name}>
                  <Status tone={ok ? "good" : "warn"}>{t(`people.guide.check.${name}`)}</Status>
                  <Text size="sm" c="dimmed" ps={22}>
                    {said(message)}
                  </Text>
                </div>
              ))}
            </Stack>
            <Accordion variant="default" defaultValue={opened ? "steps" : null} chevronPosition="left">
              <Accordion.Item value="steps">
                <Accordion.Control px={0}>{t("people.guide.steps", { title: told.title })}</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="md">
                    {told.provider === "entra" || told.provider === "google" ? (
                      <SegmentedControl
                        size="xs"
                        fullWidth
                        aria-label={t("people.guide.for")}
                        value={audience}
                        onChange={(value) => setAudience(value as Audience)}
                        data={[
                          { value: "staff", label: t("people.guide.staff") },
                          { value: "guests", label: t("people.guide.guests") },
                        ]}
                      />
                    ) : null}
                    <Steps guide={told} />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
          </Stack>
        )}
      </Loaded>
    </aside>
  );
}
