import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { usePeople } from "./people";
import { TokenList } from "./TokenList";

/** The API tokens of everybody. */
export default function TokensTab() {
  const { t } = useSpeech();
  const { data: people } = usePeople();
  return (
    <Panel title={t("people.tokens")} hint={t("people.tokensAllLead")} flush>
      <TokenList
        everybody
        ownerOf={(token) => people?.find((one) => one.id === token.user_id)?.name ?? token.created_by}
      />
    </Panel>
  );
}
