import { Stack } from "@mantine/core";
import { StepActions } from "../StepActions";
import { Description } from "../Description";
import type { StepProps } from "../draft";
import { WhenFields } from "../WhenFields";

/** When the streams run, how long old states stay, and what the source is for (S2.16-S2.19). */
export function Timing({ draft, set, next, back }: StepProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.description.length <= 140) next();
      }}
    >
      <Stack gap="xl">
        <WhenFields value={draft.when} onChange={(when) => set({ when })} />
        <Description value={draft.description} onChange={(description) => set({ description })} />
      </Stack>
      <StepActions back={back} disabled={draft.description.length > 140} />
    </form>
  );
}
