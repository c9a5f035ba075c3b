/** How many colours the lines of plots have; tokens.css names them. */
const COLOURS = 8;

/** The colour of the line at *index* of a plot. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % COLOURS) + 1})`;
}

/** A line that comes after all colours were used is dashed, and so told from its twin. */
export function seriesDash(index: number): string | undefined {
  const round = Math.floor(index / COLOURS);
  return round === 0 ? undefined : `${6 - Math.min(round, 4)} 3`;
}
