/** The language as it is written where the browser stands, for dates and times: "en-GB" has 24 hours, "en-US" has not. */
export function region(language: string): string {
  return navigator.languages.find((one) => one.startsWith(`${language}-`)) ?? language;
}
