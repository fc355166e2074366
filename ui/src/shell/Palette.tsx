import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowRight, IconFileSearch, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Finding } from "@ui/feature";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";

async function found(word: string): Promise<Finding[]> {
  const all = await Promise.allSettled(features.flatMap((feature) => (feature.find ? [feature.find(word)] : [])));
  return all.flatMap((one) => (one.status === "fulfilled" ? one.value : [])).slice(0, 30);
}

/** Everything by its name: Ctrl-K anywhere. */
export function Palette() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { data: session } = useSession();
  const [query, setQuery] = useState("");
  const [word] = useDebouncedValue(query.trim(), 150);
  const findings = useQuery({ queryKey: ["find", word], queryFn: () => found(word), enabled: word.length > 1 });
  const go = (path: string) => () => void navigate({ to: path });

  const pages: SpotlightActionData[] = features
    .flatMap((feature) => [
      ...(feature.menu ?? []).map((entry) => ({ ...entry, group: "shell.pages" })),
      ...(feature.settings ?? []).map((tab) => ({
        title: tab.title,
        right: tab.right,
        path: `/settings/${tab.name}`,
        icon: IconArrowRight,
        group: "shell.settings",
      })),
    ])
    .filter((entry) => may(session, entry.right))
    .map((entry) => ({
      id: entry.path,
      label: t(entry.title),
      description: entry.group === "shell.settings" ? t("shell.settings") : undefined,
      leftSection: <entry.icon size={18} stroke={1.6} aria-hidden />,
      onClick: go(entry.path),
    }));
  const things: SpotlightActionData[] = (findings.data ?? []).map((one) => ({
    id: `${one.path}#${one.title}`,
    label: one.title,
    description: one.kind,
    keywords: [word],
    leftSection: <IconFileSearch size={18} stroke={1.6} aria-hidden />,
    onClick: go(one.path),
  }));
  return (
    <Spotlight
      actions={[...pages, ...things]}
      query={query}
      onQueryChange={setQuery}
      shortcut={["mod + K"]}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound={t("shell.nothingFound")}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t("shell.searchHint"),
        "aria-label": t("shell.search"),
      }}
    />
  );
}

export const openPalette = spotlight.open;
