import { Box, Group, Select, Stack, Text, Title } from "@mantine/core";
import { IconLanguage } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { useSpeech } from "@ui/i18n";
import { type Language, languages } from "@ui/i18n/messages";
import mark from "@ui/shell/mark.svg";
import classes from "./Bare.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  /** For pages with a picture beside text. */
  wide?: boolean;
  children: ReactNode;
}

function Water() {
  return (
    <svg className={classes.water} viewBox="0 0 600 300" preserveAspectRatio="none" aria-hidden="true">
      {[0, 1, 2, 3, 4, 5].map((line) => (
        <path
          key={line}
          d={`M0 ${40 + line * 44} C 110 ${10 + line * 44}, 200 ${78 + line * 40}, 320 ${44 + line * 44} S 520 ${8 + line * 46}, 600 ${48 + line * 42}`}
          fill="none"
          stroke="#75bfb4"
          strokeOpacity={0.65 - line * 0.09}
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}

/** What stands around the pages of those who are not signed in yet. */
export function Bare({ title, lead, wide, children }: Props) {
  const { t, language, setLanguage } = useSpeech();
  useEffect(() => {
    document.title = `${title} · Towpath`;
  }, [title]);
  return (
    <div className={classes.frame}>
      <header className={classes.brand}>
        <Group gap={12} wrap="nowrap">
          <img src={mark} width={32} height={32} alt="" />
          <Text fw={650} fz="xl">
            {t("shell.name")}
          </Text>
        </Group>
        <div className={classes.pledge}>
          <Text fz="2.1rem" fw={600} lh={1.2}>
            {t("people.pledge")}
          </Text>
          <Text mt="md" fz="lg" lh={1.5} c="#d0e9e5">
            {t("people.pledgeMore")}
          </Text>
        </div>
        <Water />
      </header>
      <main className={classes.form}>
        <Stack gap="lg" className={`${classes.inner} ${wide ? classes.wide : ""}`}>
          <Box>
            <Title order={1}>{title}</Title>
            {lead ? (
              <Text c="dimmed" mt={6} component="div">
                {lead}
              </Text>
            ) : null}
          </Box>
          {children}
        </Stack>
        <Select
          aria-label={t("shell.language")}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          value={language}
          onChange={(value) => value && setLanguage(value as Language)}
          allowDeselect={false}
          leftSection={<IconLanguage size={16} aria-hidden />}
          variant="unstyled"
          size="sm"
          w={140}
        />
      </main>
    </div>
  );
}
