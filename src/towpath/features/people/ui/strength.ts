/** The server's own least length (`towpath.logins.password`). */
export const SHORTEST = 10;

export type Strength = "short" | "weak" | "fair" | "good";

/**
 * How strong a password looks while it is typed: a hint. The server decides, by guessing with dictionaries.
 *
 * Signs that repeat or count up from the one before add nothing; neither do words that a guesser tries first.
 */
export function strengthOf(password: string, hints: string[]): Strength {
  if (password.length < SHORTEST) return "short";
  let rest = password.toLowerCase();
  for (const hint of [...hints, "towpath", "password", "qwerty", "azerty"]) {
    if (hint.trim().length > 2) rest = rest.replaceAll(hint.trim().toLowerCase(), "");
  }
  let worth = 0;
  for (let at = 0; at < rest.length; at += 1) {
    const step = rest.charCodeAt(at) - rest.charCodeAt(at - 1);
    if (at === 0 || Math.abs(step) > 1) worth += 1;
  }
  worth = Math.min(worth, new Set(rest).size * 2);
  if (worth < 9) return "weak";
  return worth < 14 ? "fair" : "good";
}
