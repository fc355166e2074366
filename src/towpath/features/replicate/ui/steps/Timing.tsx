import { Divider, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { failed } from "@ui/parts/notify";
import { Description } from "../Description";
import { type StepProps, wrongIn } from "../draft";
import { More, RoundsFields } from "../MoreFields";
import { StepActions } from "../StepActions";
import type { When } from "../when";
import { timesOf, WhenFields } from "../WhenFields";

/** A schedule that was refused, which its field tells. */
class Unfit extends Error {}

const SELDOM = ["links_every", "names_every", "overlap"];

/** When the streams run, how long old states stay, and what the source is for (S2.16-S2.19). */
export function Timing({ draft, set, next, back }: StepProps) {
  const { t } = useSpeech();
  const wrong = wrongIn(draft);
  const unclear = draft.description.length > 140 || (draft.when.way === "after" && !draft.when.after);
  const used = draft.linksEvery || draft.namesEvery || draft.overlap;
  const client = useQueryClient();
  // A schedule nobody can read is told here, not three steps on.
  const check = useMutation({
    mutationFn: async () => {
      const { when } = draft;
      if (when.way === "at" || when.way === "cron") await asked(when, when.way);
      if (when.full === "cron") await asked({ ...when, way: "cron", cron: when.fullCron }, "full_cron");
    },
    onSuccess: () => next(),
    onError: (error) => {
      if (!(error instanceof Unfit)) failed(error, t);
    },
  });
  const asked = (when: When, setting: string) =>
    client.fetchQuery({ ...timesOf(when), retry: false }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 422) throw error;
      set({ wrong: { model: "", setting, detail: error.message } });
      throw new Unfit();
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!unclear) check.mutate();
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
      <StepActions back={back} busy={check.isPending} disabled={unclear} />
    </form>
  );
}
