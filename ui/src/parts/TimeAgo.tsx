import { useEffect, useState } from "react";
import { type Speech, useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** A moment in words, such as "3 minutes ago". */
export function ago(at: string, speech: Pick<Speech, "language" | "t">, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(speech.language, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return seconds > 5 ? format.format(Math.round(seconds), "second") : speech.t("shell.justNow");
}

/** A moment in words, kept up to date; the exact time in its tooltip. */
export function TimeAgo({ at }: { at: string | null | undefined }) {
  const speech = useSpeech();
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((n) => n + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span>{speech.t("shell.never")}</span>;
  const exact = new Intl.DateTimeFormat(region(speech.language), { dateStyle: "medium", timeStyle: "medium" });
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {ago(at, speech)}
    </time>
  );
}

/** Seconds in words, such as "2 min 5 s". */
export function lasted(exactly: number, language: string): string {
  // Rounded first, so that 119.6 seconds are two minutes and not one minute and 60 seconds.
  const seconds = exactly < 59.5 ? exactly : Math.round(exactly);
  const one = (value: number, unit: string) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 && unit === "second" ? 1 : 0 }).format(value);
  if (seconds < 60) return one(seconds, "second");
  if (seconds < 3_600) return `${one(Math.floor(seconds / 60), "minute")} ${one(seconds % 60, "second")}`;
  if (seconds < 172_800) return `${one(Math.floor(seconds / 3_600), "hour")} ${one(Math.floor((seconds % 3_600) / 60), "minute")}`;
  return one(Math.round(seconds / 86_400), "day");
}
