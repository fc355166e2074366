import { Skeleton, Stack, Text, ThemeIcon, Title, UnstyledButton } from "@mantine/core";
import { IconChartBar, IconChartLine, IconTerminal2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { EmptyState } from "@ui/parts/EmptyState";
import classes from "./Starters.module.css";

type Ready = Schemas["ReadyOut"];

/** The ready queries; asked once for the page and its library. */
export const readyQueries = {
  queryKey: ["queries", "ready"],
  queryFn: () => data(api.GET("/api/v1/queries/ready", { params: { query: { limit: 100 } } })),
  staleTime: 60_000,
};

/** What an explorer without an answer offers: questions that the tables here can answer, each drawn by one click. */
export function Starters({ onReady }: { onReady: (query: Ready) => void }) {
  const { t } = useSpeech();
  const query = useQuery(readyQueries);
  if (query.isPending) return <Skeleton height={180} radius="lg" />;
  const fit = (query.data?.items ?? []).filter((one) => one.chart && one.missing.length === 0);
  if (fit.length === 0) {
    return (
      <EmptyState icon={IconTerminal2} title={t("explore.writeSelect")}>
        {t("explore.writeSelectHint")}
      </EmptyState>
    );
  }
  return (
    <Stack component="section" gap="sm" aria-labelledby="starters">
      <Stack gap={2}>
        <Title order={2} id="starters">
          {t("explore.emptyAnswer")}
        </Title>
        <Text size="sm" c="dimmed" maw="46rem">
          {t("explore.emptyAnswerHint")}
        </Text>
      </Stack>
      <ul className={classes.list}>
        {fit.map((one) => {
          const Icon = one.chart?.type === "line" ? IconChartLine : IconChartBar;
          return (
            <li key={one.name}>
              <UnstyledButton className={classes.starter} title={said(one.about)} onClick={() => onReady(one)}>
                <ThemeIcon variant="light" size={34} radius="md">
                  <Icon size={19} stroke={1.6} aria-hidden />
                </ThemeIcon>
                <Stack gap={2}>
                  <Text size="sm" fw={600}>
                    {said(one.title)}
                  </Text>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {said(one.about)}
                  </Text>
                </Stack>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </Stack>
  );
}
