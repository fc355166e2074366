import { Button, Group } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import classes from "./AddSource.module.css";

interface ActionsProps {
  back?: () => void;
  label?: string;
  busy?: boolean;
  disabled?: boolean;
}

/** The buttons at the end of a step. */
export function StepActions({ back, label, busy, disabled }: ActionsProps) {
  const { t } = useSpeech();
  return (
    <Group justify="space-between" mt="xl" className={classes.actions}>
      {back ? (
        <Button variant="default" onClick={back}>
          {t("replicate.back")}
        </Button>
      ) : (
        <span />
      )}
      <Button type="submit" loading={busy} disabled={disabled}>
        {label ?? t("replicate.continue")}
      </Button>
    </Group>
  );
}
