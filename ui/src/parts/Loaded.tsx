import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert, sentence } from "@ui/parts/ProblemAlert";
import { Gone } from "@ui/shell/NotFound";

interface Props<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  /** Lines of the grey shape that stands here while it loads. */
  lines?: number;
}

const missing = (error: unknown) => error instanceof ApiError && error.status === 404;
/** The address itself holds an id that can not be one. */
const malformed = (error: unknown) => error instanceof ApiError && error.status === 422 && /^\w+_id is not valid/.test(error.message);

/** What a query loads: a quiet shape before, the problem with a way on when it failed, and then the children. */
export function Loaded<T>({ query, children, lines = 4 }: Props<T>) {
  const { t } = useSpeech();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (missing(query.error)) return <Gone said={sentence(query.error, t)} />;
  if (malformed(query.error)) return <Gone />;
  if (query.error) return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t("shell.loading")}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never change places
        <Skeleton key={line} height={18} width={line % 3 === 2 ? "60%" : "100%"} />
      ))}
    </Stack>
  );
}
