import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useSpeech } from "@ui/i18n";
import { type Language, languages } from "@ui/i18n/messages";
import type { Session } from "@ui/session";

/** Take over the language and the appearance that the person chose on another machine, once they are known. */
export function useChoices(session: Session | undefined): void {
  const { language, setLanguage } = useSpeech();
  const { setColorScheme } = useMantineColorScheme();
  const taken = useRef(false);
  useEffect(() => {
    if (!session || taken.current) return;
    taken.current = true;
    if (session.theme) setColorScheme(session.theme as MantineColorScheme);
    if (session.language && session.language in languages && session.language !== language) setLanguage(session.language as Language);
  }, [session, language, setLanguage, setColorScheme]);
}
