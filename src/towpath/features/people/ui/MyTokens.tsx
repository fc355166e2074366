import { Button, Checkbox, Modal, MultiSelect, Select, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import type { Right } from "@ui/feature";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import type { Session } from "@ui/session";
import { NameField } from "./PersonFields";
import { refusal } from "./refusal";
import { ShownOnce } from "./ShownOnce";
import { TokenList } from "./TokenList";

const DAYS = [7, 30, 90, 180, 366];

function NewToken({ session, close }: { session: Session; close: () => void }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { connections } = useConnection();
  const mine = [...new Set([...session.rights, ...Object.values(session.connection_rights).flat()])];
  const [name, setName] = useState("");
  const [rights, setRights] = useState<string[]>(mine.includes("see") ? ["see"] : []);
  const [days, setDays] = useState("90");
  const [places, setPlaces] = useState<string[]>([]);
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/tokens", {
          body: { name, rights: rights as Right[], days: Number(days), connection_ids: places.length ? places : null },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const wrong = refusal(make.error, t, { rights: /right/i, name: /name/i, days: /days/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) {
    return (
      <Stack>
        <ShownOnce label={make.data.name} value={make.data.token} hint={t("people.tokenOnce")} />
        <Button onClick={close}>{t("people.tokenKept")}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField label={t("people.tokenName")} value={name} change={setName} error={wrong.at("name")} first />
        <Checkbox.Group label={t("people.tokenRights")} value={rights} onChange={setRights} error={wrong.at("rights")}>
          <Stack gap={8} mt={8}>
            {mine.map((right) => (
              <Checkbox key={right} value={right} label={t(`people.right.${right}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Select
          label={t("people.tokenDays")}
          data={DAYS.map((n) => ({ value: String(n), label: t("people.days", { n }) }))}
          value={days}
          onChange={(value) => value && setDays(value)}
          allowDeselect={false}
          error={wrong.at("days")}
        />
        {connections.length > 0 ? (
          <MultiSelect
            label={t("shell.connections")}
            placeholder={places.length ? undefined : t("shell.allConnections")}
            data={connections.map((one) => ({ value: one.id, label: one.name }))}
            value={places}
            onChange={setPlaces}
          />
        ) : null}
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" loading={make.isPending} disabled={rights.length === 0}>
          {t("people.makeToken")}
        </Button>
      </Stack>
    </form>
  );
}

/** API tokens of one's own. */
export function MyTokens({ session }: { session: Session }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title={t("people.tokens")}
      hint={t("people.tokensLead")}
      flush
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
          {t("people.newToken")}
        </Button>
      }
    >
      <TokenList everybody={false} />
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t("people.newToken")}
        closeOnClickOutside={false}
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        <NewToken session={session} close={() => setOpen(false)} />
      </Modal>
    </Panel>
  );
}
