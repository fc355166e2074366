import { Button } from "@mantine/core";
import { IconDatabaseOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { EmptyState } from "@ui/parts/EmptyState";
import { Panel } from "@ui/parts/Panel";
import { may, useSession } from "@ui/session";

/** What stands where no table is yet, with the step that brings one. */
export function NoTables() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { connections } = useConnection();
  const first = connections.length === 0 && may(session, "connect");
  return (
    <Panel>
      <EmptyState
        icon={IconDatabaseOff}
        title={t("explore.noTables")}
        action={
          <Button component={Link} to={first ? "/sources/add" : "/sources"}>
            {t(first ? "explore.addSource" : "shell.toSources")}
          </Button>
        }
      >
        {t(first ? "explore.noSourceHint" : "explore.noTablesHint")}
      </EmptyState>
    </Panel>
  );
}
