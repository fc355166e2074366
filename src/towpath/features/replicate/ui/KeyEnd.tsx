import { TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";

/** A day as the API takes it; null for none. */
export const endOf = (day: string) => (day ? `${day}T00:00:00Z` : null);

/** Hints below their fields, so that fields side by side stand in one line. */
export const BELOW = ["label", "input", "error", "description"] as const;

/** The day a key ends on, if somebody knows it: reminders come 30, 14, 7 and 1 days before. */
export function KeyEnd({ value, onChange, below }: { value: string; onChange: (day: string) => void; below?: boolean }) {
  const { t } = useSpeech();
  const day = (after: number) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10);
  return (
    <TextInput
      type="date"
      label={t("replicate.keyEnds")}
      description={t("replicate.keyEndsHint")}
      min={day(1)}
      max={day(3650)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputWrapperOrder={below ? [...BELOW] : undefined}
    />
  );
}
