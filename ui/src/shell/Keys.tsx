import { Group, Kbd, Modal, Stack, Text } from "@mantine/core";
import type { MenuEntry } from "@ui/feature";
import { useSpeech } from "@ui/i18n";

function Line({ keys, words }: { keys: string[]; words: string }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{words}</Text>
      <Group gap={4} wrap="nowrap">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </Group>
    </Group>
  );
}

/** All keys of the workspace. */
export default function Keys({ entries, opened, close }: { entries: MenuEntry[]; opened: boolean; close: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal opened={opened} onClose={close} title={t("shell.keys")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <Stack gap="sm">
        <Line keys={["Ctrl", "K"]} words={t("shell.searchHint")} />
        <Line keys={["?"]} words={t("shell.keys")} />
        {entries.slice(0, 9).map((entry, place) => (
          <Line key={entry.path} keys={["G", String(place + 1)]} words={t(entry.title)} />
        ))}
      </Stack>
    </Modal>
  );
}
