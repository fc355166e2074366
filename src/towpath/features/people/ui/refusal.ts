import { ApiError } from "@ui/api/client";
import type { Translate } from "@ui/i18n";
import { sentence } from "@ui/parts/ProblemAlert";

/** What a refusal is about: the field that the server names, else the first whose pattern the sentence matches. */
function fieldOf(error: unknown, fields: Record<string, RegExp>): string | undefined {
  if (!(error instanceof ApiError) || error.status === 429 || error.status >= 500) return undefined;
  const named = error.problem.errors?.[0]?.loc;
  const last = Array.isArray(named) ? String(named.at(-1)) : "";
  return last in fields ? last : Object.keys(fields).find((field) => fields[field]?.test(error.message));
}

/** Splits a refusal into the sentence at its field and what belongs to no field. */
export function refusal(error: unknown, t: Translate, fields: Record<string, RegExp>) {
  const field = error ? fieldOf(error, fields) : undefined;
  return {
    at: (name: string) => (field === name ? sentence(error, t) : undefined),
    rest: field ? null : error,
  };
}
