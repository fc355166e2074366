import { features } from "@ui/features";
import { type Language, languages, type Messages } from "@ui/i18n/messages";

const STORED = "towpath.language";

// Loaded when somebody speaks the language: `en.ts` and `fr.ts` of the shell and of every feature. What the server says
// is English already; `said.fr.ts` has it by code in French.
const files = import.meta.glob<{ default: Messages }>([
  "./{en,fr,said.fr}.ts",
  "../../../src/towpath/features/*/ui/{en,fr,said.fr}.ts",
]);

/** All texts of a language by key. */
export async function textsOf(language: Language): Promise<Messages> {
  const mine = Object.entries(files).filter(([path]) => path.endsWith(`/${language}.ts`) || path.endsWith(`.${language}.ts`));
  const all = await Promise.all(mine.map(([, load]) => load()));
  return Object.assign({}, ...features.map((one) => one.messages?.[language] ?? {}), ...all.map((one) => one.default)) as Messages;
}

/** The language chosen before on this machine, else the first of the browser's that we speak, else English. */
export function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored && stored in languages) return stored as Language;
  const wanted = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in languages);
  return (wanted as Language | undefined) ?? "en";
}

/** Remember the language on this machine. */
export function remember(language: Language): void {
  localStorage.setItem(STORED, language);
}
