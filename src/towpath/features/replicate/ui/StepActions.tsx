import { Button, Group } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import classes from "./AddSource.module.css";

interface ActionsProps {
  back?: () => void;
  label?: string;
  busy?: boolean;
  disabled?: boolean;
  /** A way past the steps between, beside the one to the next. */
  shortcut?: { label: string; go: () => void };
}

/** The buttons at the end of a step. */
export function StepActions({ back, label, busy, disabled, shortcut }: ActionsProps) {
  const { t } = useSpeech();
  return (
    <Group justify="space-between" className={classes.actions}>
      {back ? (
        <Button variant="default" onClick={back}>
          {t("replicate.back")}
        </Button>
      ) : (
        <span />
      )}
      <Group gap="sm" ms="auto">
        {shortcut ? (
          <Button variant="subtle" disabled={disabled} onClick={shortcut.go}>
            {shortcut.label}
          </Button>
        ) : null}
        <Button type="submit" loading={busy} disabled={disabled}>
          {label ?? t("replicate.continue")}
        </Button>
      </Group>
    </Group>
  );
}
