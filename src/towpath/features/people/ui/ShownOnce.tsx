import { Button, CopyButton, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload, IconPrinter } from "@tabler/icons-react";
import { useSpeech } from "@ui/i18n";
import classes from "./ShownOnce.module.css";

/** A button that copies; not there where the browser does not allow it. */
export function Copy({ value, label }: { value: string; label?: string }) {
  const { t } = useSpeech();
  if (!window.isSecureContext) return null;
  return (
    <CopyButton value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="xs"
          onClick={copy}
          leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
        >
          {copied ? t("shell.copied") : (label ?? t("shell.copy"))}
        </Button>
      )}
    </CopyButton>
  );
}

/** A secret that is shown this once, to be copied. */
export function ShownOnce({ label, value, hint }: { label: string; value: string; hint?: string }) {
  return (
    <Stack gap={6}>
      <Text size="sm" fw={550}>
        {label}
      </Text>
      <div className={classes.box} data-testid="shown-once">
        {value}
      </div>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
        <Copy value={value} />
      </Group>
    </Stack>
  );
}

/** Recovery codes, shown this once: to be copied, printed or kept in a file. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useSpeech();
  const text = `${t("people.recoveryFile")}\n\n${codes.join("\n")}\n`;
  const keep = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = "towpath-recovery-codes.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t("people.recoveryLead")}
      </Text>
      <ul className={classes.codes} aria-label={t("people.recoveryCodes")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group gap="xs">
        <Copy value={codes.join("\n")} />
        <Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />} onClick={keep}>
          {t("people.download")}
        </Button>
        <Button variant="default" size="xs" leftSection={<IconPrinter size={15} aria-hidden />} onClick={() => window.print()}>
          {t("people.print")}
        </Button>
      </Group>
    </Stack>
  );
}
