import { Button, Center } from "@mantine/core";

interface Props {
  /** A list that comes in pages. */
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  label: string;
}

/** Under a list: loads the next page, where there is one. */
export function MoreButton({ query, label }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <Center p="md">
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}
