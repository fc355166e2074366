import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@ui/api/client";

/** What was loaded, shared by all pages. Refusals are not asked again; a server that is away is. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});
