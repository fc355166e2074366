import { features } from "@ui/features";
import { type Language, languages, type Messages } from "@ui/i18n/messages";
import { learn } from "@ui/i18n/said";

const STORED = "towpath.language";

// Loaded when somebody speaks the language: `en.ts` and `fr.ts` of the shell and of every feature. One with many texts has
// `texts/<area>.en.ts` and `texts/<area>.fr.ts` beside them.
const files = import.meta.glob<{ default: Messages }>([
  "./en.ts",
  "./fr.ts",
  "../../../src/towpath/features/*/ui/{en,fr}.ts",
  "../../../src/towpath/features/*/ui/texts/*.{en,fr}.ts",
]);
// What the server says is English already; `said.fr.ts` has it in French.
const sentences = import.meta.glob<{ default: Messages }>(["./said.*.ts", "../../../src/towpath/features/*/ui/said.*.ts"]);

async function read(from: typeof files, language: Language): Promise<Messages> {
  const mine = Object.entries(from).filter(([path]) => /(\w+)\.ts$/.exec(path)?.[1] === language);
  const all = await Promise.all(mine.map(([, load]) => load()));
  return Object.assign({}, ...all.map((one) => one.default)) as Messages;
}

/** French keeps its tall signs with the word before them: no line begins with one. */
function typeset(texts: Messages, language: Language): Messages {
  if (language !== "fr") return texts;
  const kept = (text: string) => text.replace(/ (?=[;:?!»])/g, "\u00a0").replace(/« /g, "«\u00a0");
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, kept(text)]));
}

/** All texts of a language by key; the server's sentences are learnt on the way. */
export async function textsOf(language: Language): Promise<Messages> {
  const [texts, heard] = await Promise.all([read(files, language), read(sentences, language)]);
  learn(typeset(heard, language));
  return typeset(Object.assign({}, ...features.map((one) => one.messages?.[language] ?? {}), texts), language);
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
