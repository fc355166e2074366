import { region } from "@ui/i18n/region";

/** A size in bytes for people, such as "1.2 MB". */
export function bytes(size: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[unit],
    unitDisplay: unit ? "short" : "long",
    maximumFractionDigits: value < 10 && unit ? 1 : 0,
  }).format(value);
}

/** What a column holds, as the API says it. */
export type Kind = "number" | "decimal" | "boolean" | "date" | "time" | "datetime" | "text" | "list" | string;

/** A value of a cell for people. Exact numbers that came as text keep every digit. */
export function shown(value: unknown, kind: Kind, language: string): string {
  if (value === null || value === undefined) return "";
  if (kind === "datetime" && typeof value === "string") {
    const at = new Date(value);
    if (Number.isNaN(at.getTime())) return value;
    return new Intl.DateTimeFormat(region(language), { dateStyle: "short", timeStyle: "medium", timeZone: "UTC" }).format(at);
  }
  if (kind === "date" && typeof value === "string") {
    const at = new Date(`${value}T00:00:00Z`);
    if (Number.isNaN(at.getTime())) return value;
    return new Intl.DateTimeFormat(region(language), { dateStyle: "medium", timeZone: "UTC" }).format(at);
  }
  if (kind === "decimal" && typeof value === "string") return grouped(value, language);
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A decimal number with the language's separators and all its digits. */
function grouped(text: string, language: string): string {
  const [whole = "0", fraction] = text.split(".");
  const digits = fraction?.length ?? 0;
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // Digits beyond what a number holds are kept by formatting the text itself, where the browser can.
  return whole.length > 15 ? text : format.format(text as unknown as number);
}

/** Whether a column has numbers. */
export const isNumber = (kind: Kind) => kind === "number" || kind === "decimal";
