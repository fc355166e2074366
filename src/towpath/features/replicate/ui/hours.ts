import type { Schemas } from "@ui/api/client";

export type Hours = Schemas["Hours"];
export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** The name of a day of the week, as short as the language has it. */
export function dayName(day: Day, language: string): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + days.indexOf(day))));
}

/** Days in words: three or more in a row are told by the first and the last. */
export function daysInWords(chosen: readonly Day[], language: string): string {
  const rows: Day[][] = [];
  for (const day of days.filter((one) => chosen.includes(one))) {
    const last = rows.at(-1);
    if (last && days.indexOf(day) === days.indexOf(last.at(-1) as Day) + 1) last.push(day);
    else rows.push([day]);
  }
  const name = (day: Day | undefined) => (day ? dayName(day, language) : "");
  return rows.map((row) => (row.length > 2 ? `${name(row[0])}–${name(row.at(-1))}` : row.map(name).join(", "))).join(", ");
}
