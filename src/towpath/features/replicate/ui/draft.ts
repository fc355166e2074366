import { useCallback, useState } from "react";
import type { Picked } from "./FieldsPicker";
import { usualWhen, type When } from "./when";

export const steps = ["source", "access", "streams", "fields", "place", "when", "review"] as const;
export type Step = (typeof steps)[number];
export type SyncType = "INCREMENTAL" | "FULL_TABLE";

/** What was chosen so far. The key is never part of it. */
export interface Draft {
  /** The furthest step that was reached. */
  reached: number;
  connectionId: string | null;
  connectionName: string;
  url: string;
  database: string | null;
  login: string;
  name: string;
  /** Model -> Odoo's name for it, in the order they were chosen. */
  models: Record<string, string>;
  picked: Record<string, Picked>;
  layer: string;
  folder: string;
  prefix: string;
  tables: Record<string, string>;
  sync: Record<string, SyncType>;
  when: When;
  description: string;
  runNow: boolean;
}

const STORED = "towpath.add-source";

const fresh = (connection: { id: string; name: string } | null): Draft => ({
  reached: connection ? 2 : 0,
  connectionId: connection?.id ?? null,
  connectionName: connection?.name ?? "",
  url: "",
  database: null,
  login: "",
  name: "",
  models: {},
  picked: {},
  layer: "raw",
  folder: connection?.name ?? "",
  prefix: "",
  tables: {},
  sync: {},
  when: usualWhen(),
  description: "",
  runNow: true,
});

function kept(connectionId: string | null): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Draft | null;
    if (!draft) return null;
    return connectionId === null || draft.connectionId === connectionId ? draft : null;
  } catch {
    return null;
  }
}

/** What the steps have chosen; it survives a reload of the page, and is forgotten when it is done or left. */
export function useDraft(connection: { id: string; name: string } | null) {
  const [draft, setDraft] = useState<Draft>(() => kept(connection?.id ?? null) ?? fresh(connection));
  const set = useCallback((news: Partial<Draft>) => {
    setDraft((before) => {
      const next = { ...before, ...news };
      sessionStorage.setItem(STORED, JSON.stringify(next));
      return next;
    });
  }, []);
  return { draft, set };
}

/** Forget what was chosen, when it is done. */
export function forgetDraft(): void {
  sessionStorage.removeItem(STORED);
}

/** The table a model is put into. */
export function tableOf(draft: Draft, model: string): string {
  return draft.tables[model] ?? draft.prefix + model.toLowerCase().replace(/[^a-z0-9_]/g, "_");
}

export interface StepProps {
  draft: Draft;
  set: (news: Partial<Draft>) => void;
  next: (news?: Partial<Draft>) => void;
  back?: () => void;
}
