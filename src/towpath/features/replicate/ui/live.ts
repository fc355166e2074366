import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import type { Schemas } from "@ui/api/client";
import { useEvents } from "@ui/parts/useEvents";

export type Run = Schemas["RunOut"];
export type LogLine = Schemas["LogLine"];
export type Stream = Schemas["StreamOut"];
export type Source = Schemas["SourceOut"];
export type Connection = Schemas["ConnectionOut"];

export const isOpen = (state: string) => state === "queued" || state === "running";

/** What is kept of loaded answers that a run changes. */
const touched = ["sources", "streams", "stream", "status", "runs", "overview"];

/**
 * Runs as they happen, by stream: the newest run of each that changed while somebody looks. What was loaded before is
 * loaded again when a run begins or ends, at most once a second.
 */
export function useLiveRuns(): Record<string, Run> {
  const client = useQueryClient();
  const [runs, setRuns] = useState<Record<string, Run>>({});
  const states = useRef<Record<string, string>>({});
  const waiting = useRef(false);
  const again = useCallback(() => {
    if (waiting.current) return;
    waiting.current = true;
    setTimeout(() => {
      waiting.current = false;
      for (const key of touched) void client.invalidateQueries({ queryKey: [key] });
    }, 1000);
  }, [client]);
  useEvents<Run | LogLine>("/api/v1/events", ["run", "log"], (name, data) => {
    if (name === "run") {
      const run = data as Run;
      setRuns((before) => {
        const old = before[run.stream_id];
        const progress = run.progress ?? (old?.id === run.id ? old.progress : null);
        return { ...before, [run.stream_id]: { ...run, progress: isOpen(run.state) ? progress : null } };
      });
      if (states.current[run.id] !== run.state) again();
      states.current[run.id] = run.state;
    } else {
      const line = data as LogLine;
      setRuns((before) => {
        const run = Object.values(before).find((one) => one.id === line.run_id);
        return run && isOpen(run.state) ? { ...before, [run.stream_id]: { ...run, progress: line } } : before;
      });
    }
  });
  return runs;
}

/** The newer of what was loaded and what was heard. */
export function newest(loaded: Run | null | undefined, heard: Run | undefined): Run | null {
  if (!loaded) return heard ?? null;
  if (!heard) return loaded;
  if (heard.id === loaded.id) return isOpen(loaded.state) || !isOpen(heard.state) ? heard : loaded;
  return heard.created_at > loaded.created_at ? heard : loaded;
}
