import { useQuery } from "@tanstack/react-query";
import { ApiError, signInAddress } from "@ui/api/client";
import type { Right } from "@ui/feature";

/** Who is signed in: the answer of GET /api/v1/session. */
export interface Session {
  login: string;
  name: string;
  /** Rights on the whole installation. */
  rights: Right[];
  /** Rights by connection's id, where there are more. */
  connection_rights: Record<string, Right[]>;
}

async function load(): Promise<Session> {
  const answer = await fetch("/api/v1/session", { credentials: "same-origin" });
  if (answer.status === 401 && !window.location.pathname.startsWith("/sign-in")) {
    window.location.assign(signInAddress());
    // Nothing is shown while the browser leaves.
    return new Promise(() => undefined);
  }
  if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({}))) as object);
  return (await answer.json()) as Session;
}

/** The session of the person at the screen; undefined while it is loaded. */
export function useSession() {
  return useQuery({ queryKey: ["session"], queryFn: load, staleTime: 60_000, retry: false });
}

/** Whether somebody has a right on the whole installation or on at least one connection. */
export function may(session: Session | undefined, right: Right | undefined): boolean {
  if (!right) return true;
  if (!session) return false;
  return session.rights.includes(right) || Object.values(session.connection_rights).some((some) => some.includes(right));
}
