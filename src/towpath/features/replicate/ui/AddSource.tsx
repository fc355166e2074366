import { Box, Group, Progress, Text, Title, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import classes from "./AddSource.module.css";
import { type Draft, type Step, type StepProps, steps, useDraft } from "./draft";
import { Access } from "./steps/Access";
import { Choose } from "./steps/Choose";
import { Fields } from "./steps/Fields";
import { Kind } from "./steps/Kind";
import { Place } from "./steps/Place";
import { Review } from "./steps/Review";
import { Timing } from "./steps/Timing";

const pages: Record<Step, (props: StepProps) => ReactNode> = {
  source: Kind,
  access: Access,
  streams: Choose,
  fields: Fields,
  place: Place,
  when: Timing,
  review: Review,
};

/** Add a source step by step (S2.1-S2.20); with `?connection=` only streams of one that is there. */
export default function AddSource() {
  const { connection: id } = useSearch({ strict: false }) as { connection?: string };
  const connection = useQuery({
    queryKey: ["connection", id],
    queryFn: () => data(api.GET("/api/v1/connections/{connection_id}", { params: { path: { connection_id: id ?? "" } } })),
    enabled: Boolean(id),
  });
  if (!id) return <Wizard known={null} />;
  return <Loaded query={connection}>{(known) => <Wizard key={known.id} known={{ id: known.id, name: known.name }} />}</Loaded>;
}

function Wizard({ known }: { known: { id: string; name: string } | null }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { step: asked } = useSearch({ strict: false }) as { step?: string };
  const { draft, set } = useDraft(known);
  const first = draft.connectionId ? 2 : 0;
  const wanted = asked ? steps.indexOf(asked as Step) : draft.reached;
  const at = Math.min(Math.max(wanted, first), draft.reached);
  const step = steps[at] as Step;
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  useEffect(() => {
    // The next step is read out, and Tab goes on inside it.
    if (moved.current && step) heading.current?.focus();
  }, [step]);
  const go = (number: number, news: Partial<Draft> = {}) => {
    moved.current = true;
    const next = steps[number];
    if (!next) return;
    set({ ...news, reached: Math.max(draft.reached, number) });
    void navigate({ to: "/sources/add", search: { ...(known ? { connection: known.id } : {}), step: next } as never });
    window.scrollTo({ top: 0 });
  };
  const Page = pages[step];
  const shown = known ? steps.slice(2) : steps;
  const place = shown.indexOf(step);
  return (
    <>
      <PageHeader
        title={known ? t("replicate.addStreamsTo", { name: known.name }) : t("replicate.addSource")}
        back={known ? { to: `/sources/${known.id}`, title: known.name } : { to: "/sources", title: t("replicate.sources") }}
      />
      <Box component="nav" aria-label={t("replicate.steps")} mb="lg">
        <Group justify="space-between" hiddenFrom="md" mb={6}>
          <Text size="sm" c="dimmed">
            {t("replicate.stepOf", { step: place + 1, steps: shown.length })}
          </Text>
        </Group>
        <Progress hiddenFrom="md" size="sm" radius="xl" value={(100 * (place + 1)) / shown.length} aria-label={t("replicate.steps")} />
        <Box component="ol" className={classes.steps} visibleFrom="md">
          {shown.map((one, number) => {
            const index = steps.indexOf(one);
            const past = index < at;
            return (
              <li key={one}>
                <UnstyledButton
                  className={classes.step}
                  data-here={one === step || undefined}
                  data-past={past || undefined}
                  disabled={index > draft.reached}
                  aria-current={one === step ? "step" : undefined}
                  onClick={() => go(index)}
                >
                  <span className={classes.number}>{past ? <IconCheck size={14} stroke={3} aria-hidden /> : number + 1}</span>
                  {t(`replicate.step.${one}`)}
                  {past ? <VisuallyHidden>{t("replicate.stepDone")}</VisuallyHidden> : null}
                </UnstyledButton>
              </li>
            );
          })}
        </Box>
      </Box>
      <Panel>
        <Title order={2} ref={heading} tabIndex={-1} style={{ outline: "none" }} fz="1.25rem">
          {t(`replicate.step.${step}.title`)}
        </Title>
        <Text c="dimmed" mb="lg" maw="46rem">
          {t(`replicate.step.${step}.lead`)}
        </Text>
        <Page draft={draft} set={set} next={(news) => go(at + 1, news)} back={at > first ? () => go(at - 1) : undefined} to={(one, news) => go(steps.indexOf(one), news)} />
      </Panel>
    </>
  );
}
