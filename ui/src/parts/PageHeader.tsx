import { Anchor, Box, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import classes from "./PageHeader.module.css";

interface Props {
  title: string;
  /** One sentence: what can be done here. */
  lead?: ReactNode;
  /** Buttons at the end of the line. */
  actions?: ReactNode;
  /** The page above this one. */
  back?: { to: string; title: string };
  /** Stands beside the title, such as a status. */
  beside?: ReactNode;
}

/** The head of a page; also the title of the browser's window. */
export function PageHeader({ title, lead, actions, back, beside }: Props) {
  useEffect(() => {
    document.title = `${title} · Towpath`;
  }, [title]);
  return (
    <Box mb="lg">
      {back ? (
        <Anchor component={Link} to={back.to} size="sm" mb={6} display="inline-flex">
          <Group gap={4} wrap="nowrap">
            <IconArrowLeft size={15} aria-hidden />
            {back.title}
          </Group>
        </Anchor>
      ) : null}
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} flex="1 1 20rem">
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {lead ? (
            <Text c="dimmed" maw="46rem">
              {lead}
            </Text>
          ) : null}
        </Stack>
        {actions ? <Group gap="sm" className={classes.actions}>{actions}</Group> : null}
      </Group>
    </Box>
  );
}
