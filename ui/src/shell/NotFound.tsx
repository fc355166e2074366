import { Center, Stack, Text, Title } from "@mantine/core";
import { useSpeech } from "@ui/i18n";

export function NotFound() {
  const { t } = useSpeech();
  return (
    <Center mih="60vh" p="md">
      <Stack gap="xs" align="center">
        <Title order={1}>{t("shell.notFound")}</Title>
        <Text c="dimmed">{t("shell.notFoundHint")}</Text>
      </Stack>
    </Center>
  );
}
