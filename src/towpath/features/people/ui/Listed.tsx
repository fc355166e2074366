import { Badge, Group, Text, UnstyledButton } from "@mantine/core";
import { useGrantName } from "./GrantEditor";
import { type Grant, useGrants } from "./people";

/** The name of a row, which opens it, and a line below that tells it from others. */
export function Named({ name, lead, open }: { name: string; lead: string; open: () => void }) {
  return (
    <UnstyledButton onClick={open}>
      <Text fw={550} size="sm" c="var(--mantine-color-anchor)">
        {name}
      </Text>
      <Text size="sm" c="dimmed">
        {lead}
      </Text>
    </UnstyledButton>
  );
}

/** The roles that were given to a person or a group. */
export function Roles({ given }: { given: (grant: Grant) => boolean }) {
  const grants = useGrants();
  const nameOf = useGrantName();
  return (
    <Group gap={6}>
      {grants.data?.filter(given).map((grant) => (
        <Badge key={grant.id}>{nameOf(grant)}</Badge>
      ))}
    </Group>
  );
}
