import {
  Alert,
  Badge,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Modal,
  NavLink,
  Paper,
  Table,
  Tooltip,
} from "@mantine/core";

/** Canal green: the one colour of actions and of what is chosen. */
const canal: MantineColorsTuple = [
  "#e9f5f3",
  "#d0e9e5",
  "#a5d5cd",
  "#75bfb4",
  "#4fac9f",
  "#2f9f92",
  "#1c8478",
  "#0f6b62",
  "#0c574f",
  "#08423c",
];

/** Greys with a breath of the same green, for dark surfaces. */
const dark: MantineColorsTuple = [
  "#e4eae8",
  "#c3cfcc",
  "#9fb0ac",
  "#7d8f8a",
  "#3b4a47",
  "#2a3634",
  "#1e2a28",
  "#17211f",
  "#101716",
  "#0b100f",
];

export const theme = createTheme({
  colors: { canal, dark },
  primaryColor: "canal",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "md",
  fontFamily: "'Figtree Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.65rem", lineHeight: "1.25" },
      h2: { fontSize: "1.1rem", lineHeight: "1.35" },
      h3: { fontSize: "0.98rem", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  components: {
    Paper: Paper.extend({ defaultProps: { withBorder: true, radius: "lg" } }),
    Badge: Badge.extend({ defaultProps: { variant: "light", radius: "sm" }, styles: { label: { textTransform: "none" } } }),
    Alert: Alert.extend({ defaultProps: { variant: "light", radius: "md" } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: "sm", horizontalSpacing: "md" } }),
    Modal: Modal.extend({ defaultProps: { centered: true, radius: "lg" }, styles: { title: { fontWeight: 650 } } }),
    Drawer: Drawer.extend({ styles: { title: { fontWeight: 650 } } }),
    NavLink: NavLink.extend({ styles: { root: { borderRadius: "var(--mantine-radius-md)" } } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 300 } }),
  },
});

/** Colours that text keeps its contrast with (WCAG AA) where the library's own are too pale. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f6f8f7",
    "--mantine-color-text": "#17211f",
    "--mantine-color-dimmed": "#566361",
    "--mantine-color-placeholder": "#5c6865",
    "--mantine-color-default-border": "#dde3e1",
    "--mantine-color-error": "#c42b2b",
    "--mantine-color-anchor": "#0c574f",
    "--towpath-surface": "#ffffff",
    "--towpath-quiet": "#eef2f1",
    "--towpath-good": "#1b7a43",
    "--towpath-warn": "#8a5300",
    "--towpath-bad": "#b3261e",
  },
  dark: {
    "--mantine-color-body": "#101716",
    "--mantine-color-text": "#e4eae8",
    "--mantine-color-dimmed": "#9fb0ac",
    "--mantine-color-placeholder": "#8fa09c",
    "--mantine-color-default-border": "#2a3634",
    "--mantine-color-error": "#ff8a80",
    "--mantine-color-anchor": "#75bfb4",
    "--mantine-color-canal-light": "rgba(79, 172, 159, 0.16)",
    "--mantine-color-canal-light-hover": "rgba(79, 172, 159, 0.22)",
    "--mantine-color-canal-light-color": "#a5d5cd",
    "--towpath-surface": "#17211f",
    "--towpath-quiet": "#1e2a28",
    "--towpath-good": "#6fcf97",
    "--towpath-warn": "#f2b65c",
    "--towpath-bad": "#ff8a80",
  },
});
