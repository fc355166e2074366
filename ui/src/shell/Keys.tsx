import { Group, Kbd, Modal, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { MenuEntry } from "@ui/feature";
import { useSpeech } from "@ui/i18n";

const EVENT = "towpath:keys";
/** Milliseconds in which the second key has to follow the first. */
const PATIENCE = 1_500;

/** Show the dialog of keys. */
export function openKeys(): void {
  window.dispatchEvent(new Event(EVENT));
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

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

/** The keys of the workspace: G and a number go to a page of the menu, Ctrl-/ shows them all. */
export function Keys({ entries }: { entries: MenuEntry[] }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    let since = 0;
    const show = () => setOpened(true);
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "/") {
        event.preventDefault();
        show();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (event.key.toLowerCase() === "g") {
        since = event.timeStamp;
        return;
      }
      const entry = /^[1-9]$/.test(event.key) && event.timeStamp - since < PATIENCE ? entries[Number(event.key) - 1] : undefined;
      since = 0;
      if (entry) {
        event.preventDefault();
        void navigate({ to: entry.path });
      }
    };
    window.addEventListener("keydown", press);
    window.addEventListener(EVENT, show);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener(EVENT, show);
    };
  }, [entries, navigate]);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title={t("shell.keys")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <Stack gap="sm">
        <Line keys={["Ctrl", "K"]} words={t("shell.searchHint")} />
        <Line keys={["Ctrl", "/"]} words={t("shell.keys")} />
        {entries.slice(0, 9).map((entry, place) => (
          <Line key={entry.path} keys={["G", String(place + 1)]} words={t(entry.title)} />
        ))}
      </Stack>
    </Modal>
  );
}
