import { IconSettings } from "@tabler/icons-react";
import type { MenuEntry } from "@ui/feature";
import { features } from "@ui/features";
import { may, type Session } from "@ui/session";

const settings: MenuEntry = { title: "shell.settings", path: "/settings", icon: IconSettings, order: Number.MAX_SAFE_INTEGER };
const all = [...features.flatMap((feature) => feature.menu ?? []), settings].sort((one, other) => one.order - other.order);

/** The side menu of somebody, in its order. */
export function entriesFor(session: Session | undefined): MenuEntry[] {
  return all.filter((entry) => may(session, entry.right));
}
