import { Group, Input, NumberInput, Select, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "@ui/i18n";
import { lengthOf, lengthText, type Unit } from "./length";

interface Props {
  label: string;
  description?: ReactNode;
  /** What can be chosen without counting: value -> title; among them what an empty value means. */
  words: [string, string][];
  /** Title of the choice that counts. */
  own: string;
  /** Where counting begins. */
  first: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

const OWN = "own";

/** A length of time: one of a few words, or a number and a unit, so that nothing can be mistyped. */
export function LengthField({ label, description, words, own, first, value, onChange, error }: Props) {
  const { t } = useSpeech();
  const isWord = words.some(([word]) => word === value);
  const length = isWord ? null : lengthOf(value);
  // What another program has set in a way of its own is shown as it is.
  const shown = isWord || length ? words : [...words, [value, value] as [string, string]];
  const units: Unit[] = ["minutes", "hours", "days"];
  return (
    <Stack gap={6}>
      <Select
        label={label}
        description={description}
        allowDeselect={false}
        value={length ? OWN : value}
        onChange={(word) => onChange(word === OWN ? first : (word ?? ""))}
        data={[...shown.map(([word, title]) => ({ value: word, label: title })), { value: OWN, label: own }]}
        error={error && !length ? error : undefined}
      />
      {length ? (
        <>
          <Group gap="xs" wrap="nowrap">
            <NumberInput
              aria-label={`${label}: ${t("replicate.howOften")}`}
              min={1}
              max={9999}
              allowDecimal={false}
              w={96}
              value={length.n}
              onChange={(n) => onChange(lengthText({ ...length, n: Math.max(1, Number(n) || 1) }))}
              error={Boolean(error)}
            />
            <Select
              aria-label={`${label}: ${t("replicate.unit")}`}
              w={140}
              allowDeselect={false}
              value={length.unit}
              onChange={(unit) => onChange(lengthText({ ...length, unit: (unit ?? "days") as Unit }))}
              data={units.map((unit) => ({ value: unit, label: t(`replicate.${unit}`) }))}
            />
          </Group>
          {error ? <Input.Error role="alert">{error}</Input.Error> : null}
        </>
      ) : null}
    </Stack>
  );
}
