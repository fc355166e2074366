import type { TablerIcon } from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Messages } from "@ui/i18n/messages";

/** Rights as the server knows them (`towpath.access.Right`). */
export type Right =
  | "see"
  | "read_data"
  | "run"
  | "configure"
  | "connect"
  | "decide"
  | "read_audit"
  | "manage_people"
  | "manage_secrets"
  | "manage_settings";

/** A page of a feature. It is loaded when somebody goes there. */
export interface FeatureRoute {
  /** As TanStack Router writes it, such as `/runs/$runId`. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** Without it everybody who is signed in may open the page. */
  right?: Right;
  /** A page without the shell around it, for people who are not signed in. */
  bare?: boolean;
}

/** An entry of the side menu, and of the command palette. */
export interface MenuEntry {
  /** Key of the title in the messages. */
  title: string;
  path: string;
  icon: TablerIcon;
  /** Small numbers come first. */
  order: number;
  right?: Right;
}

/** A tab of the page Settings. */
export interface SettingsTab {
  title: string;
  /** Last part of the address: `/settings/<name>`. */
  name: string;
  order: number;
  load: () => Promise<{ default: ComponentType }>;
  right?: Right;
}

/** Something that can be found by typing in the command palette. */
export interface Finding {
  title: string;
  /** Key of the word for the kind of thing it is. */
  kind: string;
  /** Tells it from others of that name. */
  hint?: string;
  path: string;
}

/** What a feature adds to the workspace: the default export of `features/<name>/ui/index.tsx`. */
export interface FeatureUi {
  name: string;
  routes?: FeatureRoute[];
  menu?: MenuEntry[];
  settings?: SettingsTab[];
  /** Texts of another wheel's feature. Ours stand in `en.ts` and `fr.ts` beside `index.tsx` and are found by themselves. */
  messages?: { en: Messages; fr: Messages };
  /** Finds things by a word for the command palette; asked when somebody types. */
  find?: (word: string) => Promise<Finding[]>;
}
