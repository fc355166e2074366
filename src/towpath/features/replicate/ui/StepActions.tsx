import { Button } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import classes from "./Actions.module.css";

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
    <div className={classes.actions}>
      {back ? (
        <Button variant="default" onClick={back}>
          {t("replicate.back")}
        </Button>
      ) : null}
      <span className={classes.between} />
      {shortcut ? (
        <Button variant="subtle" disabled={disabled} onClick={shortcut.go}>
          {shortcut.label}
        </Button>
      ) : null}
      <Button type="submit" className={classes.on} data-many={shortcut ? true : undefined} loading={busy} disabled={disabled}>
        {label ?? t("replicate.continue")}
      </Button>
    </div>
  );
}
