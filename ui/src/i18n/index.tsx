import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { Language, Messages } from "@ui/i18n/messages";
import { remember, textsOf } from "@ui/i18n/texts";

type Values = Record<string, string | number>;
/** Gives a text by its key, with values filled in. */
export type Translate = (key: string, values?: Values) => string;

export interface Speech {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate;
}

const Context = createContext<Speech | null>(null);

/** Fill `{name}` and choose in `{n|one|many}` by the plural rules of the language. */
export function filled(text: string, values: Values, language: Language): string {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const shown = (name: string) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : (value ?? `{${name}}`);
  };
  // French counts nothing in the singular too: "un champ" of 0 is "0 champ".
  const singular = (name: string, one: string) => (Number(values[name]) === 1 ? one : one.replace(/^une?(?= )/i, `{${name}}`));
  return text
    .replace(/\{(\w+)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\}/g, (_, name, one, many) =>
      plurals.select(Number(values[name])) === "one" ? singular(name, one) : many,
    )
    .replace(/\{(\w+)\}/g, (_, name) => shown(name));
}

interface Props {
  /** The language to begin with, and its texts. */
  language: Language;
  texts: Messages;
  children: ReactNode;
}

/** Texts for all that stands in it. */
export function SpeechProvider({ language: first, texts, children }: Props) {
  const [spoken, speak] = useState({ language: first, texts });
  useEffect(() => {
    document.documentElement.lang = spoken.language;
  }, [spoken]);
  const speech = useMemo<Speech>(
    () => ({
      language: spoken.language,
      setLanguage: (language) => {
        void textsOf(language).then((next) => {
          remember(language);
          speak({ language, texts: next });
        });
      },
      t: (key, values = {}) => filled(spoken.texts[key] ?? key, values, spoken.language),
    }),
    [spoken],
  );
  return <Context value={speech}>{children}</Context>;
}

/** The language chosen, and `t` for its texts. */
export function useSpeech(): Speech {
  const speech = useContext(Context);
  if (!speech) throw new Error("SpeechProvider is missing");
  return speech;
}
