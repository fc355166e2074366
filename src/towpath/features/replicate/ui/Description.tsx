import { Group, Text, TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";

const MOST = 140;

/** What it is for, in at most 140 characters, counted while it is typed (S2.16). */
export function Description({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useSpeech();
  const over = value.length > MOST;
  return (
    <TextInput
      label={t("replicate.description")}
      description={
        <Group component="span" justify="space-between" gap="xs" display="flex">
          <span>{t("replicate.descriptionHint")}</span>
          <Text component="span" size="xs" c={over ? "var(--mantine-color-error)" : "dimmed"} aria-live="polite">
            {value.length} / {MOST}
          </Text>
        </Group>
      }
      error={over ? t("replicate.tooLong", { n: value.length - MOST }) : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
