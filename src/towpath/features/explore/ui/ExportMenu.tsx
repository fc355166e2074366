import { Button, Menu } from "@mantine/core";
import { IconDownload, IconFileSpreadsheet, IconFileTypeCsv, IconPackage } from "@tabler/icons-react";
import { useState } from "react";
import { api, ApiError, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { done, failed } from "@ui/parts/notify";

const kinds = [
  { format: "csv", icon: IconFileTypeCsv },
  { format: "xlsx", icon: IconFileSpreadsheet },
  { format: "parquet", icon: IconPackage },
] as const;

interface Props {
  /** What is exported: the SQL itself, so that the file has all rows whatever the answer was cut at. */
  source: Pick<Schemas["ExportIn"], "sql" | "answer" | "as_of" | "name" | "connection">;
  disabled?: boolean;
}

/** Puts an answer into a file and hands it to the browser. */
export function ExportMenu({ source, disabled }: Props) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  const go = async (format: "csv" | "xlsx" | "parquet") => {
    setBusy(true);
    try {
      const body = { table: "", guard_formulas: true, wait: 20, ...source, format };
      let made = await data(api.POST("/api/v1/exports", { body }));
      while (made.state === "queued" || made.state === "running") {
        made = await data(api.GET("/api/v1/exports/{export}", { params: { path: { export: made.id }, query: { wait: 25 } } }));
      }
      if (made.state !== "succeeded") throw new ApiError(422, { detail: made.message });
      const link = document.createElement("a");
      link.href = made.address;
      link.download = made.file;
      link.click();
      done([t("explore.exported", { file: made.file, n: made.rows }), ...made.remarks.map(said)].join(" "));
    } catch (error) {
      failed(error, t);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" disabled={disabled} loading={busy} leftSection={<IconDownload size={16} aria-hidden />}>
          {t("explore.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.map(({ format, icon: Icon }) => (
          <Menu.Item key={format} leftSection={<Icon size={18} aria-hidden />} onClick={() => void go(format)}>
            {t(`explore.export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
