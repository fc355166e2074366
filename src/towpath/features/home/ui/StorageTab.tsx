import { Code, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import { Facts } from "./Facts";

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** Bytes in words, such as "3.4 MB". */
function size(bytes: number, language: string): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(language, { style: "unit", unit: units[step], maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** Where tables and database lie, and what they take. */
export default function StorageTab() {
  const { t, language } = useSpeech();
  const storage = useQuery({ queryKey: ["settings", "storage"], queryFn: () => data(api.GET("/api/v1/settings/storage")) });
  const number = new Intl.NumberFormat(language);
  return (
    <Loaded query={storage}>
      {(found) => {
        const some = found.counted < found.tables && found.counted >= 300 ? ` (${t("home.countedOnly", { n: found.counted })})` : "";
        return (
          <Stack gap="lg" maw={760}>
            <Panel title={t("home.lake")} flush>
              <Facts
                facts={[
                  [t("home.lakeRoot"), <Code key="root">{found.root}</Code>],
                  [t("home.lakeKind"), t(`home.kind.${found.kind}`)],
                  [t("home.tables"), number.format(found.tables)],
                  [t("home.rows"), number.format(found.rows) + some],
                  [t("home.size"), size(found.bytes, language) + some],
                  ...(found.free_bytes === null ? [] : ([[t("home.free"), size(found.free_bytes, language)]] as [string, string][])),
                ]}
              />
            </Panel>
            <Panel title={t("home.database")} flush>
              <Facts
                facts={[
                  [t("home.databaseKind"), t(found.database_embedded ? "home.embedded" : "home.given", { version: found.database_version })],
                  [t("home.databaseSize"), size(found.database_bytes, language)],
                ]}
              />
            </Panel>
          </Stack>
        );
      }}
    </Loaded>
  );
}
