import { useComputedColorScheme } from "@mantine/core";
import {
  AllCommunityModule,
  colorSchemeDark,
  colorSchemeLight,
  type GridOptions,
  ModuleRegistry,
  themeQuartz,
} from "ag-grid-community";
import { AgGridReact } from "ag-grid-react";
import { useMemo } from "react";
import { nonce } from "@ui/nonce";

ModuleRegistry.registerModules([AllCommunityModule]);

const shape = {
  fontFamily: "inherit",
  fontSize: 13,
  headerFontWeight: 600,
  wrapperBorderRadius: 10,
  accentColor: "var(--mantine-primary-color-filled)",
  backgroundColor: "var(--towpath-surface)",
  headerBackgroundColor: "var(--towpath-quiet)",
  borderColor: "var(--mantine-color-default-border)",
};

interface Props<T> extends GridOptions<T> {
  /** Height as CSS has it; the grid scrolls inside. */
  height: string | number;
}

/** AG Grid in our colours, under our policy. Import it lazily: `lazy(() => import("@ui/parts/Grid"))`. */
export default function Grid<T>({ height, ...options }: Props<T>) {
  const scheme = useComputedColorScheme("light");
  const theme = useMemo(
    () => themeQuartz.withPart(scheme === "dark" ? colorSchemeDark : colorSchemeLight).withParams(shape),
    [scheme],
  );
  return (
    <div style={{ blockSize: height }}>
      <AgGridReact<T> theme={theme} styleNonce={nonce} suppressCellFocus={false} enableCellTextSelection {...options} />
    </div>
  );
}
