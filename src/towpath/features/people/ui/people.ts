import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "@ui/api/client";

export type User = Schemas["UserOut"];
export type Grant = Schemas["GrantOut"];
export type Group = Schemas["towpath__features__people__shapes__GroupOut"];
export type Role = Schemas["Role"];

export const ROLES: Role[] = ["admin", "operator", "approver", "analyst", "viewer", "auditor"];

interface Part<T> {
  items: T[];
  next?: string | null;
}

/** All parts of a list, one after the other. */
async function whole<T>(part: (cursor?: string) => Promise<Part<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await part(cursor);
    all.push(...items);
    cursor = next ?? undefined;
  } while (cursor);
  return all;
}

/** Everybody who has an account. */
export function usePeople() {
  return useQuery({
    queryKey: ["users"],
    queryFn: () => whole((cursor) => data(api.GET("/api/v1/users", { params: { query: { limit: 500, cursor } } }))),
  });
}

/** All groups. */
export function useGroups() {
  return useQuery({
    queryKey: ["groups"],
    queryFn: () => whole((cursor) => data(api.GET("/api/v1/groups", { params: { query: { limit: 500, cursor } } }))),
  });
}

/** All roles that were given. */
export function useGrants() {
  return useQuery({
    queryKey: ["grants"],
    queryFn: () => whole((cursor) => data(api.GET("/api/v1/grants", { params: { query: { limit: 500, cursor } } }))),
  });
}
