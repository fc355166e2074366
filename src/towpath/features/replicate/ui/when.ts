import type { Schemas } from "@ui/api/client";
import type { Translate } from "@ui/i18n";

/** When streams run, as it is chosen in a form. */
export interface When {
  way: "manual" | "every" | "at" | "cron";
  every: number;
  unit: "m" | "h" | "d";
  at: string;
  cron: string;
  tz: string;
  full: "never" | "week" | "month" | "cron";
  fullCron: string;
  retention: "" | "7 days" | "30 days" | "90 days" | "365 days";
}

export const usualWhen = (): When => ({
  way: "every",
  every: 1,
  unit: "h",
  at: "06:00",
  cron: "0 6 * * 1-5",
  tz: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  full: "never",
  fullCron: "0 2 * * 0",
  retention: "",
});

export type Settings = Schemas["StreamSettings"];

/** What a form's choice says to the API. */
export function whenSettings(when: When): Settings {
  const said: Record<string, unknown> = { manual: false };
  if (when.way === "manual") said.manual = true;
  if (when.way === "every") said.every = `${when.every}${when.unit}`;
  if (when.way === "at") said.at = when.at;
  if (when.way === "cron") said.cron = when.cron;
  if (when.full === "week") said.full_every = "7d";
  if (when.full === "month") said.full_every = "30d";
  if (when.full === "cron") said.full_cron = when.fullCron;
  if (when.way !== "manual" || when.full !== "never") said.tz = when.tz;
  if (when.retention) said.retention = when.retention;
  return said as Settings;
}

const units = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
] as const;

interface Plan {
  kind: "every" | "daily" | "cron";
  seconds?: number;
  anchor?: string;
  times?: string[];
  text?: string;
  tz: string;
}

/** What a stream has, as a form's choice. */
export function whenOf(stream: Schemas["StreamOut"]): When {
  const when = usualWhen();
  const plan = stream.schedule as unknown as Plan | null;
  const full = stream.full_schedule as unknown as Plan | null;
  when.way = "manual";
  if (plan) {
    when.tz = plan.tz;
    if (plan.kind === "every") {
      const [size, unit] = units.find(([size]) => (plan.seconds ?? 0) % size === 0) ?? [60, "m"];
      Object.assign(when, { way: "every", every: Math.max(1, Math.round((plan.seconds ?? 60) / size)), unit });
    } else if (plan.kind === "daily") Object.assign(when, { way: "at", at: plan.times?.join(", ") ?? "" });
    else Object.assign(when, { way: "cron", cron: plan.text ?? "" });
  }
  if (full) {
    if (full.kind === "cron") Object.assign(when, { full: "cron", fullCron: full.text ?? "" });
    else when.full = (full.seconds ?? 0) > 7 * 86_400 ? "month" : "week";
  }
  const kept = stream.retention as When["retention"] | null;
  if (kept && ["7 days", "30 days", "90 days", "365 days"].includes(kept)) when.retention = kept;
  return when;
}

const lengths = [
  [604_800, "week"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** A stored schedule in the person's language. */
export function whenWords(stored: unknown, t: Translate, language: string): string {
  const plan = stored as Plan | null;
  if (!plan) return t("replicate.byHand");
  if (plan.kind === "every") {
    const seconds = plan.seconds ?? 0;
    const [size, unit] = lengths.find(([size]) => seconds % size === 0) ?? [1, "second"];
    return t(`replicate.each.${unit}`, { n: seconds / size });
  }
  if (plan.kind === "daily")
    return t("replicate.dailyAt", { times: new Intl.ListFormat(language).format(plan.times ?? []), tz: plan.tz });
  return t("replicate.byCron", { text: plan.text ?? "", tz: plan.tz });
}
