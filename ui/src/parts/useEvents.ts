import { useEffect, useRef, useState } from "react";

/** How the line to the server is: not open yet, open, broken and tried again, or ended by the server. */
export type Line = "opening" | "open" | "broken" | "ended";

/**
 * Server-sent events of an address, for as long as the component is shown; null listens to nothing.
 *
 * Every event is JSON and is given with its name. An event named `end` closes the line for good. The browser itself
 * opens a broken line again, and tells the server the last event it had.
 */
export function useEvents<T>(address: string | null, names: string[], onEvent: (name: string, data: T) => void): Line {
  const [line, setLine] = useState<Line>("opening");
  const listener = useRef(onEvent);
  listener.current = onEvent;
  const wanted = names.join(" ");
  useEffect(() => {
    if (address === null) return;
    const source = new EventSource(address);
    setLine("opening");
    source.onopen = () => setLine("open");
    source.onerror = () => setLine(source.readyState === EventSource.CLOSED ? "ended" : "broken");
    for (const name of wanted.split(" ")) {
      source.addEventListener(name, (event) => listener.current(name, JSON.parse((event as MessageEvent<string>).data) as T));
    }
    source.addEventListener("end", () => {
      source.close();
      setLine("ended");
    });
    return () => source.close();
  }, [address, wanted]);
  return line;
}
