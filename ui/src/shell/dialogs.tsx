import { lazy, Suspense, useEffect, useState } from "react";
import type { MenuEntry } from "@ui/feature";
import { typing } from "@ui/shell/useGoKeys";

const Palette = lazy(() => import("@ui/shell/Palette"));
const Keys = lazy(() => import("@ui/shell/Keys"));

const EVENT = "towpath:open";
type Dialog = "palette" | "keys";

function open(dialog: Dialog): void {
  window.dispatchEvent(new CustomEvent<Dialog>(EVENT, { detail: dialog }));
}

/** Open the palette: everything by its name. */
export const openPalette = () => open("palette");
/** Show the keys of the workspace. */
export const openKeys = () => open("keys");

/** The dialogs of the shell, loaded when somebody first opens one: Ctrl-K or /, and ? or Ctrl-/. */
export function Dialogs({ entries }: { entries: MenuEntry[] }) {
  const [shown, setShown] = useState<Dialog | null>(null);
  const [wanted, setWanted] = useState<Record<Dialog, boolean>>({ palette: false, keys: false });
  useEffect(() => {
    const show = (dialog: Dialog) => {
      setWanted((before) => ({ ...before, [dialog]: true }));
      setShown(dialog);
    };
    const asked = (event: Event) => show((event as CustomEvent<Dialog>).detail);
    const pressed = (event: KeyboardEvent) => {
      const held = event.ctrlKey || event.metaKey;
      if (!held && (event.altKey || typing(event.target))) return;
      const keys: Record<string, Dialog> = held ? { k: "palette", "/": "keys" } : { "?": "keys", "/": "palette" };
      const dialog = keys[event.key.toLowerCase()];
      if (!dialog) return;
      event.preventDefault();
      show(dialog);
    };
    window.addEventListener(EVENT, asked);
    window.addEventListener("keydown", pressed);
    return () => {
      window.removeEventListener(EVENT, asked);
      window.removeEventListener("keydown", pressed);
    };
  }, []);
  const close = () => setShown(null);
  return (
    <Suspense>
      {wanted.palette ? <Palette entries={entries} opened={shown === "palette"} close={close} /> : null}
      {wanted.keys ? <Keys entries={entries} opened={shown === "keys"} close={close} /> : null}
    </Suspense>
  );
}
