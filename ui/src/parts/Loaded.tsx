import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";

interface Props<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  /** Lines of the grey shape that stands here while it loads. */
  lines?: number;
}

/** What a query loads: a quiet shape before, the problem with a way on when it failed, and then the children. */
export function Loaded<T>({ query, children, lines = 4 }: Props<T>) {
  const { t } = useSpeech();
  if (query.data !== undefined) return <>{children(query.data)}</>;
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
