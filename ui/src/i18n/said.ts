import type { Messages } from "@ui/i18n/messages";

interface Pattern {
  shape: RegExp;
  names: string[];
  text: string;
}

let exact: Messages = {};
let patterns: Pattern[] = [];
let known = new Map<string, string>();

/**
 * The server's sentences in the language spoken. The key is the server's own sentence with `{names}` where its values stand,
 * so that what was written down long ago is understood as well.
 */
export function learn(sentences: Messages): void {
  exact = sentences;
  known = new Map();
  patterns = Object.entries(sentences)
    .filter(([words]) => /\{\w+\}/.test(words))
    .sort(([one], [other]) => other.replace(/\{\w+\}/g, "").length - one.replace(/\{\w+\}/g, "").length)
    .map(([words, text]) => ({
      shape: new RegExp(`^${words.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "([\\s\\S]*?)")}$`),
      names: [...words.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string),
      text,
    }));
}

/** What the server said, in the language spoken; in the server's own words where nobody put it into that language. */
export function said(words: string): string {
  const before = exact[words] ?? known.get(words);
  if (before !== undefined) return before;
  let text = words;
  for (const { shape, names, text: other } of patterns) {
    const found = shape.exec(words);
    if (!found) continue;
    // A value may be a sentence itself, such as the reason.
    const values = new Map(names.map((name, place) => [name, said(found[place + 1] ?? "")]));
    text = other.replace(/\{(\w+)\}/g, (_, name) => values.get(name) ?? "");
    break;
  }
  if (known.size > 500) known.clear();
  known.set(words, text);
  return text;
}
