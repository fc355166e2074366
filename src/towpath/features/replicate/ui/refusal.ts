import { ApiError } from "@ui/api/client";
import { said } from "@ui/i18n/said";

/** The setting a refusal is about, as the API calls it; null where it is about none. */
export function settingOf(error: unknown): string | null {
  if (!(error instanceof ApiError)) return null;
  const named = (error.problem.details as { setting?: unknown } | null | undefined)?.setting;
  if (typeof named === "string") return named;
  const loc = (error.problem.errors?.[0] as { loc?: unknown[] } | undefined)?.loc ?? [];
  const last = loc.filter((one) => typeof one === "string" && one !== "body").at(-1);
  return typeof last === "string" ? last : null;
}

/** The kind of a refusal, such as `key-refused`. */
export function kindOf(error: unknown): string {
  return error instanceof ApiError ? (error.problem.type ?? "").replace("/problems/", "") : "";
}

/** Whether somebody else changed the thing meanwhile. */
export function isRival(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}

/** Says beside a field what is wrong with it: nothing for the others. */
export function beside(error: unknown): (...settings: string[]) => string | undefined {
  const setting = settingOf(error);
  return (...settings) => (setting !== null && settings.includes(setting) && error instanceof ApiError ? said(error.message) : undefined);
}
