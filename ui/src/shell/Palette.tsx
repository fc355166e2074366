import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowRight, IconFileSearch, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useState } from "react";
import type { Finding, MenuEntry } from "@ui/feature";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";

async function found(word: string): Promise<Finding[]> {
  const all = await Promise.allSettled(features.flatMap((feature) => (feature.find ? [feature.find(word)] : [])));
  return all.flatMap((one) => (one.status === "fulfilled" ? one.value : [])).slice(0, 30);
}

/** Enter takes the first of what was found when nothing was chosen by the arrows. */
function takeFirst(event: KeyboardEvent<HTMLInputElement>) {
  const list = document.querySelector(".mantine-Spotlight-body");
  if (event.key !== "Enter" || list?.querySelector("[data-selected]")) return;
  list?.querySelector<HTMLElement>(".mantine-Spotlight-action")?.click();
}

/** Everything by its name: Ctrl-K anywhere. */
export default function Palette({ entries, opened, close }: { entries: MenuEntry[]; opened: boolean; close: () => void }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { data: session } = useSession();
  const [query, setQuery] = useState("");
  const [word] = useDebouncedValue(query.trim(), 150);
  const findings = useQuery({ queryKey: ["find", word], queryFn: () => found(word), enabled: word.length > 1 });
  useEffect(() => {
    if (opened) spotlight.open();
  }, [opened]);
  const go = (path: string) => () => void navigate({ to: path });

  const pages: SpotlightActionData[] = entries.map((entry) => ({
    id: entry.path,
    label: t(entry.title),
    leftSection: <entry.icon size={18} stroke={1.6} aria-hidden />,
    onClick: go(entry.path),
  }));
  const tabs: SpotlightActionData[] = features
    .flatMap((feature) => feature.settings ?? [])
    .sort((one, other) => one.order - other.order)
    .filter((tab) => may(session, tab.right))
    .map((tab) => ({
      id: `/settings/${tab.name}`,
      label: t(tab.title),
      description: t("shell.settings"),
      leftSection: <IconArrowRight size={18} stroke={1.6} aria-hidden />,
      onClick: go(`/settings/${tab.name}`),
    }));
  const things: SpotlightActionData[] = (findings.data ?? []).map((one) => ({
    id: `${one.path}#${one.title}`,
    label: one.title,
    description: [t(one.kind), one.hint].filter(Boolean).join(" · "),
    keywords: [word],
    leftSection: <IconFileSearch size={18} stroke={1.6} aria-hidden />,
    onClick: go(one.path),
  }));
  return (
    <Spotlight
      actions={[...pages, ...tabs, ...things]}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={close}
      shortcut={null}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound={t("shell.nothingFound")}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t("shell.searchHint"),
        "aria-label": t("shell.search"),
        onKeyDown: takeFirst,
      }}
    />
  );
}
