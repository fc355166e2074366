import type { Schemas } from "@ui/api/client";
import { isNumber } from "./format";

export type Chart = Schemas["ChartIn"];
export type ResultColumn = Schemas["ResultColumnOut"];

/** A chart that suits an answer: categories along, numbers as values. Null when nothing in it can be drawn. */
export function suggested(columns: ResultColumn[]): Chart | null {
  const values = columns.filter((one) => isNumber(one.kind) && one.name !== "id" && !one.name.endsWith("_id"));
  const along = columns.find((one) => !isNumber(one.kind) && one.kind !== "list") ?? columns.find((one) => !values.includes(one));
  if (!along || !values[0]) return null;
  const dated = along.kind === "date" || along.kind === "datetime";
  return { type: dated ? "line" : "bar", x: along.name, y: [values[0].name] };
}

/** Whether a chart still fits the columns of an answer. */
export function fits(chart: Chart | null, columns: ResultColumn[]): boolean {
  const names = new Set(columns.map((one) => one.name));
  return chart !== null && names.has(chart.x) && chart.y.length > 0 && chart.y.every((one) => names.has(one));
}

/**
 * A column whose values make a series each: where the one along repeats itself, such as months of several companies.
 * Null where it does not repeat, or nothing tells its rows apart.
 */
function apart(chart: Chart, columns: ResultColumn[], rows: unknown[][]): number | null {
  const along = columns.findIndex((one) => one.name === chart.x);
  const keys = (place?: number) => new Set(rows.map((row) => JSON.stringify([row[along], place === undefined ? 0 : row[place]]))).size;
  if (chart.type === "pie" || chart.y.length !== 1 || keys() === rows.length) return null;
  const found = columns.findIndex((one, place) => place !== along && !isNumber(one.kind) && keys(place) === rows.length);
  return found >= 0 && new Set(rows.map((row) => row[found])).size <= 12 ? found : null;
}

/** The drawing as ECharts takes it. */
export function option(chart: Chart, columns: ResultColumn[], rows: unknown[][], text: (value: unknown, column: ResultColumn) => string) {
  const at = (name: string) => columns.findIndex((one) => one.name === name);
  const along = columns[at(chart.x)] as ResultColumn;
  const label = (row: unknown[]) => text(row[at(chart.x)], along) || "–";
  const by = apart(chart, columns, rows);
  const labels = by === null ? rows.map(label) : [...new Set(rows.map(label))];
  const numbers = (name: string) => rows.map((row) => (row[at(name)] === null ? null : Number(row[at(name)])));
  if (chart.type === "pie") {
    const name = chart.y[0] as string;
    const values = numbers(name);
    return {
      tooltip: { trigger: "item" },
      legend: { type: "scroll", bottom: 0 },
      series: [
        {
          name,
          type: "pie",
          radius: ["38%", "68%"],
          center: ["50%", "45%"],
          itemStyle: { borderRadius: 6, borderColor: "transparent", borderWidth: 2 },
          data: labels.map((label, place) => ({ name: label, value: values[place] })),
        },
      ],
    };
  }
  const series =
    by === null
      ? chart.y.map((name) => ({ name, data: numbers(name) }))
      : [...new Set(rows.map((row) => row[by]))].map((value) => {
          const mine = new Map(rows.filter((row) => row[by] === value).map((row) => [label(row), row[at(chart.y[0] as string)]]));
          const data = labels.map((one) => (mine.get(one) === undefined || mine.get(one) === null ? null : Number(mine.get(one))));
          return { name: text(value, columns[by] as ResultColumn) || "–", data };
        });
  const named = series.length > 1;
  return {
    tooltip: { trigger: "axis", axisPointer: { type: chart.type === "bar" ? "shadow" : "line" } },
    legend: named ? { type: "scroll", top: 0 } : undefined,
    grid: { left: 8, right: 16, top: named ? 40 : 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: labels, axisLabel: { hideOverlap: true } },
    yAxis: { type: "value" },
    series: series.map((one) => ({
      ...one,
      type: chart.type,
      stack: by !== null && chart.type === "bar" ? "all" : undefined,
      connectNulls: true,
      smooth: false,
      symbolSize: 6,
      barMaxWidth: 44,
      itemStyle: chart.type === "bar" && by === null ? { borderRadius: [4, 4, 0, 0] } : undefined,
    })),
  };
}
