import type { Schemas } from "@ui/api/client";
import type { Translate } from "@ui/i18n";
import { lengthWords, secondsText } from "./length";

/** When streams run, as it is chosen in a form. */
export interface When {
  way: "manual" | "every" | "at" | "cron" | "after";
  every: number;
  unit: "m" | "h" | "d";
  at: string;
  cron: string;
  /** Id of the stream that comes first. */
  after: string;
  tz: string;
  full: "never" | "every" | "cron";
  fullEvery: string;
  fullCron: string;
  /** A length; empty for the usual time. */
  retention: string;
}

export const usualWhen = (): When => ({
  way: "every",
  every: 1,
  unit: "h",
  at: "06:00",
  cron: "0 6 * * 1-5",
  after: "",
  tz: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  full: "never",
  fullEvery: "7 days",
  fullCron: "0 2 * * 0",
  retention: "",
});

export type Settings = Schemas["StreamSettings"];

/** Whether times of the day are meant somewhere. */
export const hasTimes = (when: When) => ["every", "at", "cron"].includes(when.way) || when.full !== "never";

/** What a form's choice says to the API. */
export function whenSettings(when: When): Settings {
  const said: Record<string, unknown> = { manual: false };
  if (when.way === "manual") said.manual = true;
  if (when.way === "every") said.every = `${when.every}${when.unit}`;
  if (when.way === "at") said.at = when.at;
  if (when.way === "cron") said.cron = when.cron;
  if (when.way === "after") said.after = when.after;
  if (when.full === "every") said.full_every = when.fullEvery;
  if (when.full === "cron") said.full_cron = when.fullCron;
  if (hasTimes(when)) said.tz = when.tz;
  if (when.retention) said.retention = when.retention;
  return said as Settings;
}

/** What of a form's choice is said to the API when a stream has the first and is to have the second. */
export function whenChanges(before: When, now: When): Record<string, unknown> {
  const trigger = ({ way, every, unit, at, cron, after, tz }: When) =>
    JSON.stringify({ every: [way, every, unit, tz], at: [way, at, tz], cron: [way, cron, tz], after: [way, after], manual: [way] }[way]);
  const full = (when: When) => JSON.stringify({ never: [], every: [when.fullEvery, when.tz], cron: [when.fullCron, when.tz] }[when.full]);
  const said = whenSettings(now) as unknown as Record<string, unknown>;
  const take = (...names: string[]) => Object.fromEntries(names.filter((name) => said[name] !== undefined).map((name) => [name, said[name]]));
  return {
    ...(trigger(before) === trigger(now) ? {} : take("manual", "every", "at", "cron", "after", "tz")),
    ...(full(before) === full(now) ? {} : now.full === "never" ? { full_every: "never" } : take("full_every", "full_cron", "tz")),
    ...(before.retention === now.retention ? {} : { retention: now.retention || "default" }),
  };
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
  if (full) {
    when.tz = full.tz;
    if (full.kind === "cron") Object.assign(when, { full: "cron", fullCron: full.text ?? "" });
    else Object.assign(when, { full: "every", fullEvery: secondsText(full.seconds) });
  }
  if (stream.after_stream_id) Object.assign(when, { way: "after", after: stream.after_stream_id });
  else if (plan) {
    when.tz = plan.tz;
    if (plan.kind === "every") {
      const [size, unit] = units.find(([size]) => (plan.seconds ?? 0) % size === 0) ?? [60, "m"];
      Object.assign(when, { way: "every", every: Math.max(1, Math.round((plan.seconds ?? 60) / size)), unit });
    } else if (plan.kind === "daily") Object.assign(when, { way: "at", at: plan.times?.join(", ") ?? "" });
    else Object.assign(when, { way: "cron", cron: plan.text ?? "" });
  }
  when.retention = stream.retention ?? "";
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

/** A choice of the form in the person's language. */
export function chosenWords(when: When, t: Translate, language: string): string {
  if (when.way === "manual") return t("replicate.byHand");
  if (when.way === "after") return t("replicate.afterAnother");
  if (when.way === "every")
    return whenWords({ kind: "every", seconds: when.every * { m: 60, h: 3600, d: 86_400 }[when.unit], tz: when.tz }, t, language);
  if (when.way === "at")
    return whenWords({ kind: "daily", times: when.at.split(",").map((one) => one.trim()), tz: when.tz }, t, language);
  return whenWords({ kind: "cron", text: when.cron, tz: when.tz }, t, language);
}

/** The additional full sync that was chosen, in the person's language. */
export function fullWords(when: When, t: Translate): string {
  if (when.full === "never") return t("replicate.full.never");
  if (when.full === "every") return t("replicate.full.everyLength", { length: lengthWords(when.fullEvery, t) });
  return t("replicate.byCron", { text: when.fullCron, tz: when.tz });
}
