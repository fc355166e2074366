import { useEffect, useRef } from "react";

/** For a row of tabs that scrolls on a phone: the one that is open is kept in sight. */
export function useInSight(open: string | undefined) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) row.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [open]);
  return row;
}
