import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { MenuEntry } from "@ui/feature";

/** Milliseconds in which the second key has to follow the first. */
const PATIENCE = 1_500;

/** Whether keys go into a text at the moment. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** G, then a number: to that page of the menu. */
export function useGoKeys(entries: MenuEntry[]): void {
  const navigate = useNavigate();
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (event.key.toLowerCase() === "g") {
        since = event.timeStamp;
        return;
      }
      const entry = /^[1-9]$/.test(event.key) && event.timeStamp - since < PATIENCE ? entries[Number(event.key) - 1] : undefined;
      since = Number.NEGATIVE_INFINITY;
      if (entry) {
        event.preventDefault();
        void navigate({ to: entry.path });
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [entries, navigate]);
}
