import type { Picked } from "./FieldsPicker";
import { secondsText } from "./length";
import type { Stream } from "./live";
import { type Settings, type When, whenChanges, whenOf } from "./when";

/** All settings of a stream, as they are edited in a form. */
export interface Keeping {
  layer: string;
  folder: string;
  table: string;
  description: string;
  sync: Stream["sync_type"];
  history: boolean;
  picked: Picked;
  filter: string;
  when: When;
  /** many2many fields with a link table; `*` alone for all. */
  links: string[];
  /** Lengths; empty for the usual time. */
  linksEvery: string;
  namesEvery: string;
  refreshEvery: string;
  overlap: string;
}

export function keepingOf(stream: Stream): Keeping {
  return {
    layer: stream.layer,
    folder: stream.folder,
    table: stream.table_name,
    description: stream.description,
    sync: stream.sync_type,
    history: stream.history,
    picked: { fields: stream.fields ?? null, masks: stream.masks },
    filter: stream.filter ?? "",
    when: whenOf(stream),
    links: stream.links ?? [],
    linksEvery: secondsText(stream.links_seconds),
    namesEvery: secondsText(stream.names_seconds),
    refreshEvery: secondsText(stream.refresh_seconds, ""),
    overlap: secondsText(stream.overlap_seconds, "0 minutes"),
  };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What a form says to the API: only what was changed. */
export function changesOf(before: Keeping, now: Keeping): Settings {
  const said: Record<string, unknown> = whenChanges(before.when, now.when);
  const plain: [keyof Keeping, string][] = [
    ["layer", "layer"],
    ["folder", "folder"],
    ["table", "table_name"],
    ["description", "description"],
    ["sync", "sync_type"],
    ["history", "history"],
    ["filter", "filter"],
  ];
  for (const [mine, theirs] of plain) if (!same(before[mine], now[mine])) said[theirs] = now[mine];
  const lengths: [keyof Keeping, string, string][] = [
    ["linksEvery", "links_every", "default"],
    ["namesEvery", "names_every", "default"],
    ["refreshEvery", "refresh_every", "default"],
    ["overlap", "overlap", "default"],
  ];
  for (const [mine, theirs, usual] of lengths) if (!same(before[mine], now[mine])) said[theirs] = now[mine] || usual;
  if (!same(before.links, now.links)) said.links = linksSaid(now.links);
  if (!same(before.picked.fields, now.picked.fields)) said.fields = now.picked.fields ?? [];
  const masks = { ...now.picked.masks };
  for (const gone of Object.keys(before.picked.masks)) masks[gone] ??= "plain";
  if (!same(masks, before.picked.masks)) said.masks = masks;
  return said as Settings;
}

export const linksSaid = (links: string[]) => (links.includes("*") ? ["all"] : links.length ? links : ["none"]);

/** What somebody typed, on top of what somebody else has stored meanwhile. */
export function rebased(before: Keeping, typed: Keeping, stored: Keeping): Keeping {
  const parts = Object.keys(stored) as (keyof Keeping)[];
  return Object.fromEntries(parts.map((part) => [part, same(before[part], typed[part]) ? stored[part] : typed[part]])) as unknown as Keeping;
}
