import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { ApiError } from "@ui/api/client";
import { type Translate, useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";

/** The sentence of an error for a person: the server's own where there is one. */
export function sentence(error: unknown, t: Translate): string {
  if (error instanceof ApiError && error.message) return said(error.message);
  return error instanceof TypeError || error instanceof ApiError ? t("shell.offline") : t("shell.unexpected");
}

interface Props {
  error: unknown;
  /** Offered as a button where trying again may help. */
  retry?: () => void;
}

/** A refusal, in the server's words, with the next step. Nothing for no error. */
export function ProblemAlert({ error, retry }: Props) {
  const { t } = useSpeech();
  if (!error) return null;
  const id = error instanceof ApiError ? error.problem.instance : undefined;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={t("shell.failed")} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{sentence(error, t)}</Text>
        {id && error instanceof ApiError && error.status >= 500 ? (
          <Text size="xs" c="dimmed">
            {t("shell.requestId", { id })}
          </Text>
        ) : null}
        {retry ? (
          <Button size="xs" variant="default" onClick={retry}>
            {t("shell.retry")}
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}
