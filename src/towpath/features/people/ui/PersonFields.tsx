import { TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";

interface Props {
  value: string;
  change: (value: string) => void;
  error?: string;
}

/** What somebody or something is called. */
export function NameField({ value, change, error, label, first = false }: Props & { label?: string; /** Whether one begins here. */ first?: boolean }) {
  const { t } = useSpeech();
  return (
    <TextInput
      label={label ?? t("people.name")}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      error={error}
      maxLength={100}
      required
      withAsterisk={false}
      autoComplete="off"
      data-autofocus={first || undefined}
    />
  );
}

/** The e-mail address of a person. */
export function EmailField({ value, change, error }: Props) {
  const { t } = useSpeech();
  return (
    <TextInput
      label={t("people.email")}
      type="email"
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      error={error}
      maxLength={256}
      autoComplete="off"
    />
  );
}
