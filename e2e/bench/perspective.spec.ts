import { join } from "node:path";
import { expect, ROOT, test } from "../fixtures";
import { serve } from "./serve";
import { verdict } from "./verdict";

type Answer = { rowsPerSecond: number; bytes: number; sum: number; results: number };
type Engines = Record<"ofSpate" | "ofPerspective", (query: string, rows: number, results?: number) => Promise<Answer>>;

const LOADS = [
  { query: "sum", what: "sum by key", rows: 1_000_000, faster: 10, memory: undefined },
  { query: "rolling", what: "rolling mean of 100 by key", rows: 500_000, faster: 20, memory: 0.1 },
];

test("a grouped sum and a rolling mean, beside a general query engine", async ({ page }) => {
  const { url, server } = await serve(join(ROOT, "target/bench-page"));
  await page.goto(`${url}/engine.html`);
  await page.waitForFunction(() => "engines" in window);
  const rows = [];
  for (const { query, what, rows: count, faster, memory } of LOADS) {
    const [ours, theirs] = await page.evaluate(
      async ([query, count]) => {
        const { engines } = window as unknown as { engines: Engines };
        const ours = await engines.ofSpate(query, count);
        return [ours, await engines.ofPerspective(query, count, ours.results)] as const;
      },
      [query, count] as const,
    );
    expect(Math.abs(ours.sum / theirs.sum - 1), `both answer ${what} alike`).toBeLessThan(1e-9);
    rows.push(
      {
        what: `${what}, of ${count / 1_000} k events`,
        ours: ours.rowsPerSecond / 1_000,
        theirs: theirs.rowsPerSecond / 1_000,
        unit: "k rows/s",
        digits: 0,
        leastOfTheirs: faster,
      },
      {
        what: "  memory of its WebAssembly",
        ours: ours.bytes / (1 << 20),
        theirs: theirs.bytes / (1 << 20),
        unit: "MiB",
        mostOfTheirs: memory,
      },
    );
  }
  server.close();
  const missed = verdict("queries", ["Spate", "Perspective"], rows);
  console.log(
    "Perspective is a general query engine: it keeps every row and can pivot, filter and join them in any way afterwards.\n" +
      "Spate answers the query it was asked from open windows. Same events, same batches of 1,000, same results.",
  );
  expect(missed).toEqual([]);
});
