import { useQuery } from "@tanstack/react-query";
import { ApiError, api, data, type Schemas, signInAddress } from "@ui/api/client";
import type { Right } from "@ui/feature";

/** Who is signed in: the answer of GET /api/v1/session. */
export type Session = Schemas["SessionOut"];

async function load(): Promise<Session> {
  const session = await data(api.GET("/api/v1/session"));
  // Half signed in: a code is still to be given, or an authenticator to be set up.
  if (session.pending && !window.location.pathname.startsWith("/sign-in")) {
    window.location.assign(signInAddress(session.pending));
    return new Promise(() => undefined);
  }
  return session;
}

/** The session of the person at the screen; undefined while it is loaded. Who is not signed in is led to sign in. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: load,
    staleTime: 60_000,
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
  });
}

/** Keep the language or the appearance with the person, for their other machines. */
export function keepChoice(choice: Schemas["SessionEdit"]): void {
  // It is chosen on this machine already: not worth a message when it can not be kept.
  void api.PATCH("/api/v1/session", { body: choice }).catch(() => undefined);
}

/** Whether somebody has a right on the whole installation or on at least one connection. */
export function may(session: Session | undefined, right: Right | undefined): boolean {
  if (!right) return true;
  if (!session) return false;
  return session.rights.includes(right) || Object.values(session.connection_rights).some((some) => some.includes(right));
}
