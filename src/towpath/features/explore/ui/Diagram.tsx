import { useNavigate } from "@tanstack/react-router";
import { Background, Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import classes from "./Diagram.module.css";

type Member = Schemas["MemberOut"];
type Relation = Schemas["RelationOut"];
type Box = Node<{ member: Member; chosen: boolean }, "table">;

interface Props {
  tables: Member[];
  links: Relation[];
  focus?: string;
  label: string;
}

const WIDTH = 250;
const HEIGHT = 96;

/** Tables as boxes and fields as lines; it can be moved, zoomed and walked through by the keyboard. */
export function Diagram({ tables, links, focus, label }: Props) {
  const navigate = useNavigate();
  const scheme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 40em)", false, { getInitialValueInEffect: false });
  // All of it on a phone could not be read: the table itself is shown, and the rest by moving.
  const fit = narrow ? { minZoom: 0.7, maxZoom: 0.7, nodes: focus ? [{ id: focus }] : undefined } : { padding: 0.12, maxZoom: 1 };
  const nodes = useMemo<Box[]>(
    () =>
      placed(tables, links, focus).map(({ member, x, y }) => ({
        id: member.path,
        type: "table",
        position: { x, y },
        data: { member, chosen: member.path === focus },
        ariaLabel: member.label || member.name,
      })),
    [tables, links, focus],
  );
  const lines = useMemo(() => joined(links), [links]);
  const [near, setNear] = useState<string | null>(null);
  // In a crowd only the lines of the table somebody points at are named; a few lines are always named.
  const edges = useMemo(
    () =>
      lines.map((line) => {
        const touched = near !== null && (line.source === near || line.target === near);
        return {
          ...line,
          label: touched || lines.length <= 12 ? line.label : undefined,
          className: `${classes.edge} ${near === null ? "" : touched ? classes.touched : classes.faint}`,
          zIndex: touched ? 1 : 0,
        };
      }),
    [lines, near],
  );
  return (
    <section className={classes.place} aria-label={label}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={kinds}
        colorMode={scheme}
        fitView
        fitViewOptions={fit}
        minZoom={0.15}
        nodesConnectable={false}
        edgesFocusable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        onNodeMouseEnter={(_, node) => setNear(node.id)}
        onNodeMouseLeave={() => setNear(null)}
        onSelectionChange={({ nodes: some }) => setNear(some[0]?.id ?? null)}
        proOptions={{ hideAttribution: true }}
        onNodeDoubleClick={(_, node) => void navigate({ to: `/catalog/${node.id.replaceAll("/", ".")}` })}
      >
        <Background gap={22} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  );
}

function TableBox({ data }: NodeProps<Box>) {
  const { t } = useSpeech();
  const { member, chosen } = data;
  return (
    <div className={`${classes.box} ${chosen ? classes.chosen : ""}`}>
      <Handle type="target" position={Position.Left} className={classes.handle} />
      <strong>{member.label || member.name}</strong>
      <span>{member.name}</span>
      {member.rows === null ? null : <span>{t("explore.rowCount", { n: member.rows })}</span>}
      <Handle type="source" position={Position.Right} className={classes.handle} />
    </div>
  );
}

const kinds = { table: TableBox };

/** One line for all fields that lead the same way. */
function joined(links: Relation[]): Edge[] {
  const by = new Map<string, Relation[]>();
  for (const link of links) {
    if (link.source === link.target) continue;
    const key = `${link.source} ${link.target}`;
    by.set(key, [...(by.get(key) ?? []), link]);
  }
  return [...by.entries()].map(([id, some]) => {
    const first = some[0] as Relation;
    const names = some.map((one) => one.label || one.field);
    return {
      id,
      source: first.source,
      target: first.target,
      label: names.length > 2 ? `${names.slice(0, 2).join(", ")} +${names.length - 2}` : names.join(", "),
      markerEnd: { type: MarkerType.ArrowClosed },
    };
  });
}

/** Places in columns: what is led to stands to the right of what leads to it, the most linked in the middle. */
function placed(tables: Member[], links: Relation[], focus?: string) {
  const rank = new Map<string, number>();
  if (focus) {
    for (const member of tables) {
      const out = links.some((one) => one.source === focus && one.target === member.path);
      rank.set(member.path, member.path === focus ? 2 : out ? 3 : 1);
    }
    // A long row of neighbours stands in two columns, so that the names stay readable.
    for (const [side, far] of [
      [1, 0],
      [3, 4],
    ]) {
      const there = tables.filter((member) => rank.get(member.path) === side);
      if (there.length > 5) for (const [place, member] of there.entries()) if (place % 2) rank.set(member.path, far as number);
    }
  } else {
    const arrives = new Map<string, number>();
    for (const link of links) arrives.set(link.target, (arrives.get(link.target) ?? 0) + 1);
    const order = [...tables].sort((one, other) => (arrives.get(one.path) ?? 0) - (arrives.get(other.path) ?? 0));
    const columns = Math.max(1, Math.ceil(Math.sqrt(tables.length / 1.6)));
    const each = Math.ceil(order.length / columns);
    order.forEach((member, place) => {
      rank.set(member.path, Math.floor(place / each));
    });
  }
  const first = Math.min(...rank.values());
  const used = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const at of rank.values()) sizes.set(at, (sizes.get(at) ?? 0) + 1);
  const tallest = Math.max(...sizes.values());
  return tables.map((member) => {
    const column = rank.get(member.path) ?? 0;
    const place = used.get(column) ?? 0;
    used.set(column, place + 1);
    const shift = ((tallest - (sizes.get(column) ?? 1)) * HEIGHT * 1.35) / 2;
    return { member, x: (column - first) * (WIDTH + (focus ? 90 : 170)), y: shift + place * HEIGHT * 1.35 };
  });
}
