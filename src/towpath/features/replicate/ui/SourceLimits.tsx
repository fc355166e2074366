import { Button, Stack } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { useState } from "react";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { type Fact, Facts } from "./Facts";
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
  const facts: Fact[] = [
    {
      title: t("replicate.callsPerSecond"),
      value: calls.limit === null ? t("replicate.limitNone") : t("replicate.limitNow", { n: number.format(calls.limit) }),
      below: slowed ? said(calls.slowed_why ?? "") : calls.ceiling_from ? from[calls.ceiling_from] : null,
    },
    {
      title: t("replicate.callsAtOnce"),
      value: calls.calls_at_once === null ? t("replicate.atOnceFound") : t("replicate.limitNow", { n: calls.calls_at_once }),
    },
    {
      title: t("replicate.workingHours"),
      value: hours ? `${daysInWords(hours.days, language)} ${hours.start}–${hours.end}` : "–",
      below: hours ? (
        <>
          {hours.tz}
          {typeof hours.calls_per_second === "number" ? ` · ${t("replicate.hoursRate", { n: number.format(hours.calls_per_second) })}` : null}
          {hours.scheduled_runs === false ? ` · ${t("replicate.hoursHeld")}` : null}
        </>
      ) : null,
    },
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
        <Facts facts={facts} cols={{ base: 1, xs: 3 }} />
      </Stack>
      {open ? <LimitsForm known={known} close={() => setOpen(false)} /> : null}
    </Panel>
  );
}
