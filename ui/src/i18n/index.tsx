import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { features } from "@ui/features";
import en from "@ui/i18n/en";
import fr from "@ui/i18n/fr";
import { type Language, languages, type Messages } from "@ui/i18n/messages";

const STORED = "towpath.language";

type Values = Record<string, string | number>;
/** Gives a text by its key, with values filled in. */
export type Translate = (key: string, values?: Values) => string;

export interface Speech {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate;
}

const Context = createContext<Speech | null>(null);

function collected(language: Language): Messages {
  const own = language === "fr" ? fr : en;
  return Object.assign({}, ...features.map((feature) => feature.messages?.[language] ?? {}), own) as Messages;
}

/** Fill `{name}` and choose in `{n|one|many}` by the plural rules of the language. */
export function filled(text: string, values: Values, language: Language): string {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const shown = (name: string) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : (value ?? `{${name}}`);
  };
  return text
    .replace(/\{(\w+)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\}/g, (_, name, one, many) =>
      plurals.select(Number(values[name])) === "one" ? one : many,
    )
    .replace(/\{(\w+)\}/g, (_, name) => shown(name));
}

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored && stored in languages) return stored as Language;
  const wanted = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in languages);
  return (wanted as Language | undefined) ?? "en";
}

export function SpeechProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speech = useMemo<Speech>(() => {
    const messages = collected(language);
    return {
      language,
      setLanguage: (next) => {
        localStorage.setItem(STORED, next);
        choose(next);
      },
      t: (key, values = {}) => filled(messages[key] ?? key, values, language),
    };
  }, [language]);
  return <Context value={speech}>{children}</Context>;
}

/** The language chosen, and `t` for its texts. */
export function useSpeech(): Speech {
  const speech = useContext(Context);
  if (!speech) throw new Error("SpeechProvider is missing");
  return speech;
}
