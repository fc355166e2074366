import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Canal green: the one colour of actions and of what is chosen. */
const canal: MantineColorsTuple = [
  "#e8f6f4",
  "#d2ebe7",
  "#a3d6cf",
  "#71c0b6",
  "#49aea2",
  "#2f9f92",
  "#1f8f83",
  "#12766c",
  "#0f5f58",
  "#084a45",
];

export const theme = createTheme({
  colors: { canal },
  primaryColor: "canal",
  primaryShade: { light: 7, dark: 5 },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.2rem" } } },
  cursorType: "pointer",
  autoContrast: true,
});
