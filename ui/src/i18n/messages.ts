/** Texts by key. `{name}` is a value; `{n|one row|{n} rows}` chooses by the number's plural form. */
export type Messages = Record<string, string>;

export const languages = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof languages;
