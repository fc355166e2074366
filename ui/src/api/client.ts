import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "@ui/api/schema";

/** Problem details as the server sends them (RFC 9457). */
export type Problem = components["schemas"]["Problem"];
/** The shapes of the API by name: `Schemas["Health"]`. */
export type Schemas = components["schemas"];

/** An answer that refused, with the server's sentence as its message. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
  ) {
    super(problem.detail ?? "");
    this.name = "ApiError";
  }
}

/** Where somebody who is not signed in is sent, with the way back, and the step that is missing of who is halfway. */
export function signInAddress(step?: unknown): string {
  const here = window.location.pathname + window.location.search;
  const words = new URLSearchParams();
  if (here !== "/") words.set("next", here);
  if (step) words.set("step", String(step));
  return words.size ? `/sign-in?${words}` : "/sign-in";
}

const open = ["/sign-in", "/setup", "/choose-password"];

const refusals: Middleware = {
  onRequest({ request }) {
    request.headers.set("X-Towpath", "1");
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    const problem: Partial<Problem> = await response
      .clone()
      .json()
      .catch(() => ({}));
    if (response.status === 401 && !open.some((path) => window.location.pathname.startsWith(path))) {
      window.location.assign(signInAddress(problem.details?.pending));
    }
    throw new ApiError(response.status, problem);
  },
};

/** The REST API, typed. Every refusal is thrown as an `ApiError`. */
export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(refusals);

/** The data of an answer; it is there, as refusals are thrown. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
