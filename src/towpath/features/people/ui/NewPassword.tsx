import { Box, Group, PasswordInput, Progress, Text } from "@mantine/core";
import { useId } from "react";
import { useSpeech } from "@ui/i18n";
import { SHORTEST, type Strength, strengthOf } from "./strength";

const looks: Record<Strength, { value: number; color: string }> = {
  short: { value: 12, color: "var(--towpath-bad)" },
  weak: { value: 35, color: "var(--towpath-bad)" },
  fair: { value: 65, color: "var(--towpath-warn)" },
  good: { value: 100, color: "var(--towpath-good)" },
};

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
  size?: "sm" | "md";
  /** Words that a guesser would try first. */
  hints: string[];
}

/** A field for a password that is chosen, with a hint how strong it is. */
export function NewPassword({ label, value, onChange, error, hints, size }: Props) {
  const { t } = useSpeech();
  const hint = useId();
  const strength = strengthOf(value, hints);
  const missing = SHORTEST - value.length;
  return (
    <Box>
      <PasswordInput
        label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        size={size}
        autoComplete="new-password"
        maxLength={256}
        required
        withAsterisk={false}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint}
        visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
      />
      {value ? (
        <Progress value={looks[strength].value} color={looks[strength].color} size={4} mt={8} aria-hidden />
      ) : null}
      <Group id={hint} mt={6} gap={6} aria-live="polite">
        {value ? (
          <Text size="sm" fw={550} c={looks[strength].color}>
            {strength === "short" ? t("people.strength.short", { n: missing }) : t(`people.strength.${strength}`)}
          </Text>
        ) : null}
        {strength === "good" || error ? null : (
          <Text size="sm" c="dimmed">
            {t("people.passwordHint")}
          </Text>
        )}
      </Group>
    </Box>
  );
}
