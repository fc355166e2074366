import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";

interface Question {
  title: string;
  /** What will happen, and what will not. */
  body: ReactNode;
  /** The button that does it, named by what it does. */
  action: string;
  /** What has to be typed first, where there is no way back. */
  typed?: string;
  /** Whether something is lost by it. */
  danger?: boolean;
  run: () => Promise<unknown>;
}

/** A dialog before something that can not be taken back: `const { ask, dialog } = useConfirm()`, and show `dialog`. */
export function useConfirm() {
  const { t } = useSpeech();
  const [question, ask] = useState<Question | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [word, setWord] = useState("");
  const close = () => {
    ask(null);
    setWord("");
    setError(null);
  };
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await question?.run();
      close();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const dialog = (
    <Modal opened={question !== null} onClose={close} title={question?.title} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <Stack>
        <Text size="sm" component="div">
          {question?.body}
        </Text>
        {question?.typed ? (
          <TextInput
            label={t("shell.typeToConfirm", { word: question.typed })}
            value={word}
            onChange={(event) => setWord(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        ) : null}
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus={question?.typed ? undefined : true}>
            {t("shell.cancel")}
          </Button>
          <Button color={question?.danger ? "red.8" : undefined} loading={busy} disabled={Boolean(question?.typed) && word.trim() !== question?.typed} onClick={() => void go()}>
            {question?.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
  return { ask, dialog };
}
