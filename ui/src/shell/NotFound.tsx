import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";

/** In the place of a page that is not there; with the server's words where the address names something that is gone. */
export function Gone({ said }: { said?: string }) {
  const { t } = useSpeech();
  return (
    <EmptyState
      icon={IconMapOff}
      title={t(said ? "shell.gone" : "shell.notFound")}
      order={1}
      action={
        <Button component={Link} to="/">
          {t("shell.home")}
        </Button>
      }
    >
      {said ?? t("shell.notFoundHint")}
    </EmptyState>
  );
}

export function NotFound() {
  return <Gone />;
}
