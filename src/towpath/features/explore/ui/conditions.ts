import type { FilterModel } from "ag-grid-community";

/** One condition as the API takes it. */
export interface Condition {
  column: string;
  operator: string;
  value?: string | number;
}

interface One {
  type?: string;
  filter?: string | number;
  filterTo?: string | number;
  dateFrom?: string | null;
  dateTo?: string | null;
}

const operators: Record<string, string> = {
  contains: "contains",
  equals: "eq",
  notEqual: "ne",
  startsWith: "starts",
  endsWith: "ends",
  blank: "empty",
  notBlank: "filled",
  lessThan: "lt",
  lessThanOrEqual: "le",
  greaterThan: "gt",
  greaterThanOrEqual: "ge",
};

/** The day after a day, both as YYYY-MM-DD. */
function dayAfter(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}

/** The grid's filter as conditions of the API; `moments` are the columns that have a time of day. */
export function conditions(model: FilterModel, moments: Set<string>): Condition[] {
  return Object.entries(model).flatMap(([column, raw]) => {
    const one = raw as One;
    const type = one.type ?? "";
    const day = one.dateFrom?.slice(0, 10);
    if (day) return daily(column, type, day, one.dateTo?.slice(0, 10) ?? day, moments.has(column));
    if (type === "inRange") {
      return [
        { column, operator: "ge", value: one.filter },
        { column, operator: "le", value: one.filterTo },
      ];
    }
    const operator = operators[type];
    return operator ? [{ column, operator, value: one.filter }] : [];
  });
}

function daily(column: string, type: string, from: string, to: string, moment: boolean): Condition[] {
  const begin = (operator: string, value: string): Condition => ({ column, operator, value });
  // A day of a moment lasts until the next one begins.
  const after = (day: string) => (moment ? begin("lt", dayAfter(day)) : begin("le", day));
  if (type === "equals") return moment ? [begin("ge", from), begin("lt", dayAfter(from))] : [begin("eq", from)];
  if (type === "inRange") return [begin("ge", from), after(to)];
  if (type === "lessThan") return [begin("lt", from)];
  if (type === "greaterThan") return [moment ? begin("ge", dayAfter(from)) : begin("gt", from)];
  return type === "notEqual" && !moment ? [begin("ne", from)] : [];
}
