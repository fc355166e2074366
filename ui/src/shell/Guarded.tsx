import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { Right } from "@ui/feature";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { may, useSession } from "@ui/session";

function NotAllowed() {
  const { t } = useSpeech();
  return (
    <EmptyState
      icon={IconLock}
      title={t("shell.notAllowed")}
      order={1}
      action={
        <Button component={Link} to="/">
          {t("shell.home")}
        </Button>
      }
    >
      {t("shell.notAllowedHint")}
    </EmptyState>
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
