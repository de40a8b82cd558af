/** What was measured of one quantity, beside the yardstick, and what is wanted. */
export type Row = {
  what: string;
  ours: number;
  theirs?: number;
  unit: string;
  digits?: number;
  /** A bound on our own value, or on it as a part of theirs. */
  most?: number;
  least?: number;
  mostOfTheirs?: number;
  leastOfTheirs?: number;
};

/** Prints a table of rows; gives those that miss what is wanted. */
export function verdict(title: string, names: [string, string], rows: Row[]): string[] {
  const missed: string[] = [];
  const lines = rows.map((row) => {
    const digits = row.digits ?? 1;
    const ratio = row.theirs === undefined ? NaN : row.ours / row.theirs;
    const bounds: [number | undefined, number, (wanted: number) => string, (a: number, b: number) => boolean][] = [
      [row.most, row.ours, (most) => `<= ${most} ${row.unit}`, (a, b) => a <= b],
      [row.least, row.ours, (least) => `>= ${least} ${row.unit}`, (a, b) => a >= b],
      [row.mostOfTheirs, ratio, (most) => `<= ${most}x`, (a, b) => a <= b],
      [row.leastOfTheirs, ratio, (least) => `>= ${least}x`, (a, b) => a >= b],
    ];
    const wanted = bounds.filter(([bound]) => bound !== undefined);
    const isMet = wanted.every(([bound, value, , holds]) => holds(value, bound!));
    if (!isMet) missed.push(row.what);
    return [
      row.what,
      `${row.ours.toFixed(digits)} ${row.unit}`,
      row.theirs === undefined ? "" : `${row.theirs.toFixed(digits)} ${row.unit}`,
      Number.isNaN(ratio) ? "" : `${ratio.toFixed(2)}x`,
      wanted.map(([bound, , words]) => words(bound!)).join(", "),
      wanted.length === 0 ? "" : isMet ? "met" : "MISSED",
    ];
  });
  const table = [[title, ...names, "ratio", "target", ""], ...lines];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  console.log(table.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")).join("\n"));
  return missed;
}
