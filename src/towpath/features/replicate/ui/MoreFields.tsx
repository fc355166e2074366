import { Box, Collapse, MultiSelect, SimpleGrid, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useSpeech } from "@ui/i18n";
import { type Picked, useFields } from "./FieldsPicker";
import classes from "./FieldsPicker.module.css";
import { LengthField } from "./LengthField";

type Wrong = (...settings: string[]) => string | undefined;

/** What is seldom needed, folded away until somebody asks for it or something in it is wrong. */
export function More({ hint, open: wanted, children }: { hint: string; open?: boolean; children: ReactNode }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(Boolean(wanted));
  const id = useId();
  useEffect(() => {
    if (wanted) setOpen(true);
  }, [wanted]);
  return (
    <Box>
      <UnstyledButton type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className={classes.more}>
        <IconChevronRight size={18} aria-hidden data-open={open || undefined} />
        <span>
          <Text component="span" fw={600} display="block">
            {t("shell.more")}
          </Text>
          <Text component="span" size="sm" c="dimmed" display="block">
            {hint}
          </Text>
        </span>
      </UnstyledButton>
      <Collapse expanded={open} id={id}>
        <Box pt="md">{children}</Box>
      </Collapse>
    </Box>
  );
}

interface LinksProps {
  connectionId: string;
  model: string;
  value: string[];
  onChange: (links: string[]) => void;
  wrong: Wrong;
}

/** The lists of linked records that become tables of their own. */
export function LinksField({ connectionId, model, value, onChange, wrong }: LinksProps) {
  const { t } = useSpeech();
  const found = useFields(connectionId, model).data;
  const labels = Object.fromEntries(found?.fields.map((one) => [one.name, one.label]) ?? []);
  const known = [...new Set([...(found?.links ?? []), ...value.filter((one) => one !== "*")])];
  return (
    <MultiSelect
      label={t("replicate.links")}
      description={t("replicate.linksHint")}
      placeholder={value.length ? undefined : t("replicate.linksNone")}
      clearable
      searchable
      value={value}
      onChange={(links) => onChange(links.includes("*") ? (value.includes("*") ? links.filter((one) => one !== "*") : ["*"]) : links)}
      data={[{ value: "*", label: t("replicate.linksAll") }, ...known.map((name) => ({ value: name, label: labels[name] ? `${labels[name]} (${name})` : name }))]}
      error={wrong("links")}
    />
  );
}

interface RefreshProps {
  connectionId: string;
  model: string;
  picked: Picked;
  value: string;
  onChange: (value: string) => void;
  wrong: Wrong;
}

/** How often fields that Odoo works out are read again; told apart where none of them is read. */
export function RefreshField({ connectionId, model, picked, value, onChange, wrong }: RefreshProps) {
  const { t } = useSpeech();
  const found = useFields(connectionId, model).data;
  const read = (name: string, usual: boolean) => (picked.fields ? picked.fields.includes(name) : usual);
  const computed = found?.fields.filter((one) => read(one.name, one.usual) && (!one.stored || one.type === "one2many")) ?? [];
  return (
    <LengthField
      label={t("replicate.refresh")}
      description={found && !computed.length ? t("replicate.refreshNone") : t("replicate.refreshHint")}
      words={[
        ["", t("replicate.refreshNever")],
        ["1 days", t("replicate.each.day", { n: 1 })],
        ["7 days", t("replicate.each.week", { n: 1 })],
      ]}
      own={t("replicate.ownInterval")}
      first="6 hours"
      value={value}
      onChange={onChange}
      error={wrong("refresh_every")}
    />
  );
}

interface RoundsProps {
  value: { linksEvery: string; namesEvery: string; overlap: string };
  onChange: (news: Partial<RoundsProps["value"]>) => void;
  wrong: Wrong;
  /** Stands before them. */
  children?: ReactNode;
}

/** How often is looked at what Odoo does not stamp, and how far each run reaches back. */
export function RoundsFields({ value, onChange, wrong, children }: RoundsProps) {
  const { t } = useSpeech();
  const every: [string, string][] = [
    ["", t("replicate.everyUsual")],
    ["1 hours", t("replicate.each.hour", { n: 1 })],
    ["1 days", t("replicate.each.day", { n: 1 })],
    ["never", t("replicate.full.never")],
  ];
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" verticalSpacing="lg">
      {children}
      <LengthField
        label={t("replicate.linksEvery")}
        description={t("replicate.linksEveryHint")}
        words={every}
        own={t("replicate.ownInterval")}
        first="12 hours"
        value={value.linksEvery}
        onChange={(linksEvery) => onChange({ linksEvery })}
        error={wrong("links_every")}
      />
      <LengthField
        label={t("replicate.namesEvery")}
        description={t("replicate.namesEveryHint")}
        words={every}
        own={t("replicate.ownInterval")}
        first="12 hours"
        value={value.namesEvery}
        onChange={(namesEvery) => onChange({ namesEvery })}
        error={wrong("names_every")}
      />
      <LengthField
        label={t("replicate.overlap")}
        description={t("replicate.overlapHint")}
        words={[
          ["", t("replicate.overlapUsual")],
          ["0 minutes", t("replicate.overlapNone")],
          ["30 minutes", t("replicate.length.minutes", { n: 30 })],
          ["1 days", t("replicate.length.days", { n: 1 })],
        ]}
        own={t("replicate.ownLength")}
        first="2 hours"
        value={value.overlap}
        onChange={(overlap) => onChange({ overlap })}
        error={wrong("overlap")}
      />
    </SimpleGrid>
  );
}

/** Headed part of a long form. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="md" component="section">
      <Text component="h3" fw={650} fz="md" m={0}>
        {title}
      </Text>
      {children}
    </Stack>
  );
}
