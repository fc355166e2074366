import { Box, Button, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { daysInWords } from "./hours";
import { LimitsForm } from "./LimitsForm";
import type { Connection } from "./live";

/** How many calls the database of a source gets, what that comes from, and a form to say otherwise. */
export function SourceLimits({ known }: { known: Connection }) {
  const { t, language } = useSpeech();
  const [open, setOpen] = useState(false);
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const time = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  const { calls, working_hours: hours } = known;
  const slowed = calls.limit !== null && (calls.ceiling === null || calls.limit < calls.ceiling);
  const from = {
    installation: t("replicate.limitFrom.installation"),
    "odoo.com": t("replicate.limitFrom.cloud"),
    connection: t("replicate.limitFrom.connection"),
    "working hours": t("replicate.limitFrom.hours", { at: calls.hours_until ? time.format(new Date(calls.hours_until)) : "" }),
  };
  const facts: [string, ReactNode, ReactNode][] = [
    [
      t("replicate.callsPerSecond"),
      calls.limit === null ? t("replicate.limitNone") : t("replicate.limitNow", { n: number.format(calls.limit) }),
      slowed ? said(calls.slowed_why ?? "") : calls.ceiling_from ? from[calls.ceiling_from] : null,
    ],
    [t("replicate.callsAtOnce"), calls.calls_at_once === null ? t("replicate.atOnceFound") : t("replicate.limitNow", { n: calls.calls_at_once }), null],
    [
      t("replicate.workingHours"),
      hours ? `${daysInWords(hours.days, language)} ${hours.start}–${hours.end}` : "–",
      hours ? (
        <>
          {hours.tz}
          {typeof hours.calls_per_second === "number" ? ` · ${t("replicate.hoursRate", { n: number.format(hours.calls_per_second) })}` : null}
          {hours.scheduled_runs === false ? ` · ${t("replicate.hoursHeld")}` : null}
        </>
      ) : null,
    ],
  ];
  return (
    <Panel
      title={t("replicate.load")}
      hint={t("replicate.loadHint")}
      actions={
        (known.rights as string[]).includes("connect") ? (
          <Button size="xs" variant="default" leftSection={<IconGauge size={14} aria-hidden />} onClick={() => setOpen(true)}>
            {t("replicate.changeLimits")}
          </Button>
        ) : null
      }
    >
      <Stack gap="md">
        {calls.held_until ? <Status tone="warn">{t("replicate.heldUntil", { at: time.format(new Date(calls.held_until)) })}</Status> : null}
        <SimpleGrid component="dl" cols={{ base: 1, xs: 3 }} m={0} spacing="md">
          {facts.map(([title, value, below]) => (
            <Box key={title}>
              <Text component="dt" size="xs" c="dimmed">
                {title}
              </Text>
              <Text component="dd" m={0} size="sm" fw={550}>
                {value}
              </Text>
              {below ? (
                <Text component="dd" m={0} size="xs" c="dimmed">
                  {below}
                </Text>
              ) : null}
            </Box>
          ))}
        </SimpleGrid>
      </Stack>
      {open ? <LimitsForm known={known} close={() => setOpen(false)} /> : null}
    </Panel>
  );
}
