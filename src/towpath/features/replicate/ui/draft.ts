import { useCallback, useState } from "react";
import { said } from "@ui/i18n/said";
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
  /** Model -> what is seldom set: which records, what beside its table. */
  extras: Record<string, Extras>;
  layer: string;
  folder: string;
  prefix: string;
  tables: Record<string, string>;
  sync: Record<string, SyncType>;
  history: boolean;
  when: When;
  /** Lengths; empty for the usual time. */
  linksEvery: string;
  namesEvery: string;
  overlap: string;
  description: string;
  runNow: boolean;
  /** What the last look of the server found wrong, until it is corrected. */
  wrong: Wrong | null;
}

export interface Extras {
  filter: string;
  links: string[];
  refreshEvery: string;
  /** The models of its lines become streams too. */
  children: boolean;
}

export const noExtras: Extras = { filter: "", links: [], refreshEvery: "", children: false };

export interface Wrong {
  model: string;
  setting: string;
  detail: string;
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
  extras: {},
  layer: "raw",
  folder: connection?.name ?? "",
  prefix: "",
  tables: {},
  sync: {},
  history: false,
  when: usualWhen(),
  linksEvery: "",
  namesEvery: "",
  overlap: "",
  description: "",
  runNow: true,
  wrong: null,
});

function kept(connectionId: string | null): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Draft | null;
    if (!draft) return null;
    // A release before this one may have left a draft with less in it.
    const whole = { ...fresh(null), ...draft, when: { ...usualWhen(), ...draft.when } };
    return connectionId === null || draft.connectionId === connectionId ? whole : null;
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
  /** Go to a step that was passed. */
  to: (step: Step, news?: Partial<Draft>) => void;
}

const places: Record<string, Step> = { layer: "place", folder: "place", prefix: "place", table_name: "place", sync_type: "place", history: "place" };
const ofFields = ["fields", "masks", "filter", "links", "refresh_every", "children"];

/** The step in which a setting is chosen. */
export function stepOf(setting: string): Step {
  return places[setting] ?? (ofFields.includes(setting) ? "fields" : "when");
}

/** Says beside a field what the server found wrong with it. */
export function wrongIn(draft: Draft, model?: string): (...settings: string[]) => string | undefined {
  const { wrong } = draft;
  return (...settings) => (wrong && settings.includes(wrong.setting) && (!model || wrong.model === model) ? said(wrong.detail) : undefined);
}
