/** Time zones to choose from; UTC first. */
export const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** The zones with one that the browser may not know. */
export function zonesWith(zone: string): string[] {
  return zones.includes(zone) ? zones : [zone, ...zones];
}
