import { PasswordInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";

interface Props {
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

/** The password that somebody signed in with, once more. */
export function YourPassword({ value, onChange, error }: Props) {
  const { t } = useSpeech();
  return (
    <PasswordInput
      label={t("people.yourPassword")}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="current-password"
      required
      withAsterisk={false}
      data-autofocus
      visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
    />
  );
}
