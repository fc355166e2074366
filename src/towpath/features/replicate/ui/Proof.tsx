import { Stack, Text } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { TimeAgo } from "@ui/parts/TimeAgo";

/** How a table compares with Odoo. */
export function Proof({ proof }: { proof: Record<string, unknown> }) {
  const { t } = useSpeech();
  const equal = proof.equal as boolean | null;
  const number = (name: string) => Number(proof[name] ?? 0);
  return (
    <Panel title={t("replicate.proof")}>
      <Stack gap={6} align="flex-start">
        <Status tone={equal === null ? "quiet" : equal ? "good" : "bad"}>
          {t(equal === null ? "replicate.proof.unknown" : equal ? "replicate.proof.equal" : "replicate.proof.differs")}
        </Status>
        <Text size="sm">{t("replicate.proof.counts", { here: number("table_count"), there: number("odoo_count") })}</Text>
        {number("repaired") ? <Text size="sm">{t("replicate.proof.repaired", { n: number("repaired") })}</Text> : null}
        <Text size="xs" c="dimmed">
          <TimeAgo at={proof.at as string} />
        </Text>
      </Stack>
    </Panel>
  );
}
