import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

/** What the switcher needs to know of a connection (GET /api/v1/connections has more). */
export interface ConnectionName {
  id: string;
  name: string;
}

interface Chosen {
  /** The connection that pages show, or null for all of them. */
  connection: ConnectionName | null;
  connections: ConnectionName[];
  choose: (id: string | null) => void;
}

const STORED = "towpath.connection";
const Context = createContext<Chosen>({ connection: null, connections: [], choose: () => undefined });

async function load(): Promise<ConnectionName[]> {
  const answer = await fetch("/api/v1/connections?limit=500", { credentials: "same-origin" });
  return answer.ok ? ((await answer.json()) as { items: ConnectionName[] }).items : [];
}

export function ConnectionProvider({ children }: { children: ReactNode }) {
  const [id, setId] = useState(() => localStorage.getItem(STORED));
  const { data } = useQuery({ queryKey: ["connections", "names"], queryFn: load, staleTime: 30_000 });
  const chosen = useMemo<Chosen>(() => {
    const connections = data ?? [];
    return {
      connections,
      connection: connections.find((one) => one.id === id) ?? null,
      choose: (next) => {
        if (next) localStorage.setItem(STORED, next);
        else localStorage.removeItem(STORED);
        setId(next);
      },
    };
  }, [data, id]);
  return <Context value={chosen}>{children}</Context>;
}

/** The connection that the person chose in the header; pages show only what belongs to it. */
export function useConnection(): Chosen {
  return useContext(Context);
}
