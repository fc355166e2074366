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

/** The drawing as ECharts takes it. */
export function option(chart: Chart, columns: ResultColumn[], rows: unknown[][], text: (value: unknown, column: ResultColumn) => string) {
  const at = (name: string) => columns.findIndex((one) => one.name === name);
  const along = columns[at(chart.x)] as ResultColumn;
  const labels = rows.map((row) => text(row[at(chart.x)], along) || "–");
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
  return {
    tooltip: { trigger: "axis", axisPointer: { type: chart.type === "bar" ? "shadow" : "line" } },
    legend: chart.y.length > 1 ? { type: "scroll", top: 0 } : undefined,
    grid: { left: 8, right: 16, top: chart.y.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: labels, axisLabel: { hideOverlap: true } },
    yAxis: { type: "value" },
    series: chart.y.map((name) => ({
      name,
      type: chart.type,
      data: numbers(name),
      smooth: false,
      symbolSize: 6,
      barMaxWidth: 44,
      itemStyle: chart.type === "bar" ? { borderRadius: [4, 4, 0, 0] } : undefined,
    })),
  };
}
