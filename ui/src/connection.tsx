import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { api, data } from "@ui/api/client";

/** What the switcher needs to know of a connection (GET /api/v1/connections has more). */
export interface ConnectionName {
  id: string;
  name: string;
}

/** A company of the chosen connection; its id is the value of `company_id` in tables. */
export interface CompanyName {
  id: number;
  name: string;
}

interface Chosen {
  /** The connection that pages show, or null for all of them. */
  connection: ConnectionName | null;
  connections: ConnectionName[];
  choose: (id: string | null) => void;
  /** The company whose rows pages show, or null for all of them. */
  company: CompanyName | null;
  /** Companies of the chosen connection: none where they are not replicated, or rows may not be read. */
  companies: CompanyName[];
  chooseCompany: (id: number | null) => void;
}

const CONNECTION = "towpath.connection";
const COMPANY = "towpath.company";
const nothing = () => undefined;
const Context = createContext<Chosen>({
  connection: null,
  connections: [],
  choose: nothing,
  company: null,
  companies: [],
  chooseCompany: nothing,
});

function keep(key: string, value: string | number | null): void {
  if (value === null) localStorage.removeItem(key);
  else localStorage.setItem(key, String(value));
}

export function ConnectionProvider({ children }: { children: ReactNode }) {
  const [id, setId] = useState(() => localStorage.getItem(CONNECTION));
  const [companyId, setCompanyId] = useState(() => localStorage.getItem(COMPANY));
  const names = useQuery({
    queryKey: ["connections", "names"],
    queryFn: () => data(api.GET("/api/v1/connections", { params: { query: { limit: 500 } } })),
    staleTime: 30_000,
  });
  const known = names.data?.items.some((one) => one.id === id) ? id : null;
  const companies = useQuery({
    queryKey: ["companies", known],
    queryFn: () => data(api.GET("/api/v1/companies", { params: { query: { connection_id: known ?? "" } } })),
    enabled: known !== null,
    staleTime: 300_000,
  });
  const chosen = useMemo<Chosen>(() => {
    const all = names.data?.items ?? [];
    const firms = (known && companies.data?.items) || [];
    return {
      connections: all,
      connection: all.find((one) => one.id === known) ?? null,
      choose: (next) => {
        keep(CONNECTION, next);
        keep(COMPANY, null);
        setId(next);
        setCompanyId(null);
      },
      companies: firms,
      company: firms.find((one) => String(one.id) === companyId) ?? null,
      chooseCompany: (next) => {
        keep(COMPANY, next);
        setCompanyId(next === null ? null : String(next));
      },
    };
  }, [names.data, companies.data, known, companyId]);
  return <Context value={chosen}>{children}</Context>;
}

/** The connection, and its company, that the person chose in the header; pages show only what belongs to them. */
export function useConnection(): Chosen {
  return useContext(Context);
}
