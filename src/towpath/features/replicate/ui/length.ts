import type { Translate } from "@ui/i18n";

/** Lengths of time as the API takes and gives them: `30 days`, `15 minutes`, or a word such as `never`. */
export type Unit = "minutes" | "hours" | "days";
export interface Length {
  n: number;
  unit: Unit;
}

const sizes: Record<Unit, number> = { days: 86_400, hours: 3_600, minutes: 60 };
const shorts: Record<string, [Unit, number]> = {
  m: ["minutes", 1],
  min: ["minutes", 1],
  minute: ["minutes", 1],
  h: ["hours", 1],
  hr: ["hours", 1],
  hour: ["hours", 1],
  d: ["days", 1],
  day: ["days", 1],
  w: ["days", 7],
  week: ["days", 7],
  mo: ["days", 30],
  month: ["days", 30],
  y: ["days", 365],
  year: ["days", 365],
};

/** A length in numbers; null for words, and for what is written in another way. */
export function lengthOf(text: string): Length | null {
  const found = /^\s*(?:interval\s+)?(\d{1,6}|an?|one)\s*([a-z]+)\s*$/i.exec(text);
  const word = (found?.[2] ?? "").toLowerCase();
  const known = shorts[word] ?? shorts[word.replace(/s$/, "")];
  if (!found || !known) return null;
  return { n: (Number(found[1]) || 1) * known[1], unit: known[0] };
}

export const lengthText = ({ n, unit }: Length) => `${n} ${unit}`;

/** Seconds as they are stored: nothing for the usual time, 0 for never. */
export function secondsText(seconds: number | null | undefined, zero = "never"): string {
  if (seconds === null || seconds === undefined) return "";
  if (seconds === 0) return zero;
  const unit = (["days", "hours", "minutes"] as const).find((one) => seconds % sizes[one] === 0) ?? "minutes";
  return lengthText({ n: Math.max(1, Math.round(seconds / sizes[unit])), unit });
}

/** A length in the person's language; what is no length stays as it is. */
export function lengthWords(text: string, t: Translate): string {
  const found = lengthOf(text);
  return found ? t(`replicate.length.${found.unit}`, { n: found.n }) : text;
}
