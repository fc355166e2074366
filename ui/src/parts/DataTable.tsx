import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "@ui/parts/DataTable.module.css";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** Numbers stand at the end. */
  end?: boolean;
  /** On a phone: `plain` speaks for itself, without the title; `corner` stands beside the first column; `minor` is left out. */
  phone?: "plain" | "corner" | "minor";
}

interface Props<T> {
  /** What the table holds, for those who hear it. */
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  /** Opens a row; the first column should hold a link to the same place, for the keyboard. */
  onOpen?: (row: T) => void;
  /** Shown when there are no rows. */
  empty?: ReactNode;
}

/** A short list. Long ones are for `Grid`. On a phone its rows become blocks. */
export function DataTable<T>({ label, columns, rows, keyOf, onOpen, empty }: Props<T>) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <Table className={classes.table} aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column.key} className={`${classes.head} ${column.end ? classes.end : ""}`}>
              {column.title}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr
            key={keyOf(row)}
            className={classes.row}
            data-open={onOpen ? true : undefined}
            onClick={(event) => {
              if (onOpen && !(event.target as HTMLElement).closest("a, button, input, label, [role=menuitem]")) onOpen(row);
            }}
          >
            {columns.map((column) => (
              <Table.Td
                key={column.key}
                data-title={column.title}
                className={[column.end ? classes.end : "", column.phone ? classes[column.phone] : ""].join(" ")}
              >
                {column.render(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
