import { Divider, Stack } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import { Description } from "../Description";
import { type StepProps, wrongIn } from "../draft";
import { More, RoundsFields } from "../MoreFields";
import { StepActions } from "../StepActions";
import { WhenFields } from "../WhenFields";

const SELDOM = ["links_every", "names_every", "overlap"];

/** When the streams run, how long old states stay, and what the source is for (S2.16-S2.19). */
export function Timing({ draft, set, next, back }: StepProps) {
  const { t } = useSpeech();
  const wrong = wrongIn(draft);
  const unclear = draft.description.length > 140 || (draft.when.way === "after" && !draft.when.after);
  const used = draft.linksEvery || draft.namesEvery || draft.overlap;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!unclear) next();
      }}
    >
      <Stack gap="xl">
        <WhenFields value={draft.when} onChange={(when) => set({ when, wrong: null })} wrong={wrong} />
        <Description value={draft.description} onChange={(description) => set({ description, wrong: null })} />
        <Divider />
        <More hint={t("replicate.moreWhen")} open={Boolean(used) || Boolean(wrong(...SELDOM))}>
          <RoundsFields value={draft} onChange={(news) => set({ ...news, wrong: null })} wrong={wrong} />
        </More>
      </Stack>
      <StepActions back={back} disabled={unclear} />
    </form>
  );
}
