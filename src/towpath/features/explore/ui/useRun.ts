import { useCallback, useRef, useState } from "react";
import { api, ApiError, data, type Schemas } from "@ui/api/client";

export type Answer = Schemas["AnswerOut"];

const forget = (run: string) => api.DELETE("/api/v1/queries/runs/{run}", { params: { path: { run } } });

/** One query at a time: started, waited for, stopped. */
export function useRun() {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const under = useRef<string | null>(null);
  const unwanted = useRef(0);

  const run = useCallback(async (sql: string, more: Partial<Schemas["RunIn"]> = {}) => {
    turn.current += 1;
    const mine = turn.current;
    setBusy(true);
    setError(null);
    try {
      // The first answer comes soon, so that the query can be stopped while it runs.
      const body = { sql, as_of: "", connection: "", ready: "", page: 500, wait: 1, ...more };
      let found = await data(api.POST("/api/v1/queries/run", { body }));
      if (unwanted.current === mine) await forget(found.id);
      while (mine === turn.current && (found.state === "queued" || found.state === "running")) {
        under.current = found.id;
        setAnswer(found);
        const params = { path: { run: found.id }, query: { wait: 25, page: 500 } };
        found = await data(api.GET("/api/v1/queries/runs/{run}", { params }));
      }
      if (mine !== turn.current) return;
      if (found.state === "failed") throw new ApiError(422, { detail: found.message });
      setAnswer(found);
    } catch (problem) {
      if (mine !== turn.current) return;
      setAnswer(null);
      setError(problem);
    } finally {
      if (mine === turn.current) {
        under.current = null;
        setBusy(false);
      }
    }
  }, []);

  const stop = useCallback(async () => {
    // Before its id is known it can only be noted that the query is not wanted.
    unwanted.current = turn.current;
    if (under.current) await forget(under.current);
  }, []);

  const clear = useCallback(() => {
    turn.current += 1;
    setAnswer(null);
    setError(null);
    setBusy(false);
  }, []);

  return { answer, error, busy, run, stop, clear };
}
