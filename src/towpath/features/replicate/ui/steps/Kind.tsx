import { Group, Paper, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useSpeech } from "@ui/i18n";
import { StepActions } from "../StepActions";
import type { StepProps } from "../draft";

const kinds = ["odoo"];

/** What is to be connected (S2.1). */
export function Kind({ next }: StepProps) {
  const { t } = useSpeech();
  const [kind, setKind] = useState("odoo");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <Radio.Group value={kind} onChange={setKind} aria-label={t("replicate.step.source.title")}>
        <Stack>
          {kinds.map((one) => (
            <Paper key={one} p="md" maw={520} component="label" style={{ cursor: "pointer" }}>
              <Group wrap="nowrap" align="flex-start">
                <Radio value={one} mt={3} />
                <div>
                  <Text fw={600}>{t(`replicate.connector.${one}`)}</Text>
                  <Text size="sm" c="dimmed">
                    {t(`replicate.connector.${one}.hint`)}
                  </Text>
                </div>
              </Group>
            </Paper>
          ))}
        </Stack>
      </Radio.Group>
      <StepActions />
    </form>
  );
}
