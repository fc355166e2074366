import { Center, Stack, Text, Title } from "@mantine/core";
import type { ComponentType } from "react";
import type { Right } from "@ui/feature";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";

function NotAllowed() {
  const { t } = useSpeech();
  return (
    <Center mih="50vh" p="md">
      <Stack gap="xs" align="center" ta="center">
        <Title order={1}>{t("shell.notAllowed")}</Title>
        <Text c="dimmed">{t("shell.notAllowedHint")}</Text>
      </Stack>
    </Center>
  );
}

/** A page for those who have a right; the others are told whom to ask. The server refuses them in any case. */
export function guarded(Page: ComponentType & { preload?: () => Promise<void> }, right: Right) {
  function Guarded() {
    const { data: session } = useSession();
    if (!session) return null;
    return may(session, right) ? <Page /> : <NotAllowed />;
  }
  Guarded.preload = Page.preload;
  return Guarded;
}
