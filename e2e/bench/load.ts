import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../fixtures";

const LAP_SECONDS = 10;

/** A recording of one lap of ten seconds in `folder`: keys in turn, evenly spaced. */
export function lap(folder: string, { eventsPerSecond, series }: { eventsPerSecond: number; series: number }): string {
  const rows = ["time,key,value"];
  const step = 1_000_000 / eventsPerSecond;
  for (let i = 0; i < eventsPerSecond * LAP_SECONDS; i++) {
    const micros = Math.round(i * step);
    const value = Math.sin(i / 20_000) * 40 + ((i * 7919) % 101) / 10;
    rows.push(`${1_700_000_000_000_000 + micros},k${i % series},${value.toFixed(2)}`);
  }
  const csv = join(folder, "load.csv");
  writeFileSync(csv, rows.join("\n"));
  const cli = process.env.SPATE_CLI_BIN ?? join(ROOT, "target/release/spate");
  const out = join(folder, "load.spate");
  execFileSync(cli, ["import", csv, "-o", out, "--stream", "load"]);
  return out;
}
