import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, LineChart, PieChart, GridComponent, TooltipComponent, LegendComponent, DatasetComponent, AriaComponent, SVGRenderer]);

/** Colours that can be told apart by people who see colours differently, and on both grounds. */
export const palette = ["#1c8478", "#d98324", "#4464ad", "#b5446e", "#7a9e36", "#8a6bbf", "#3fa7d6", "#a5673f"];

interface Props {
  option: EChartsCoreOption;
  /** What the chart shows, for those who hear it. */
  label: string;
  height?: number;
}

/** An ECharts drawing (bar, line, pie) in our colours. Import it lazily. */
export default function Chart({ option, label, height = 320 }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    if (!place.current) return;
    const chart = init(place.current, scheme === "dark" ? "dark" : undefined, { renderer: "svg" });
    chart.setOption({
      color: palette,
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(place.current).fontFamily },
      animationDuration: 250,
      aria: { enabled: true },
      ...option,
      // The tooltip would be written as HTML with style attributes, which the policy forbids.
      tooltip: { renderMode: "richText", ...(option.tooltip as object | undefined) },
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [option, scheme]);
  return <div ref={place} role="img" aria-label={label} style={{ blockSize: height, inlineSize: "100%" }} />;
}
