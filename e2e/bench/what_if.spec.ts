import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, stats, test } from "../fixtures";

const EVENTS = 1_000_000;
/** Another detector's answer may take this long, in milliseconds. */
const BUDGET_MILLIS = 2_000;
const RUNS = 3;

test.use({ relayOptions: {} });

test("what another detector would have said of a million events", async ({ page, relay }) => {
  const folder = mkdtempSync(join(tmpdir(), "spate-"));
  const file = join(folder, "load.csv");
  // A rhythm of a thousand events and noise; the golden ratio's multiples fill the unit interval evenly.
  const value = (event: number) => 100 + 20 * Math.sin(event / 159) + 4 * ((event * 0.618033988749895) % 1);
  const row = (_: unknown, event: number) => `${1_700_000_000 + event},${value(event).toFixed(3)}`;
  writeFileSync(file, ["time,load", ...Array.from({ length: EVENTS }, row)].join("\n"));
  await page.goto(relay.url);
  await page.getByTestId("file-input").first().setInputFiles(file);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "recording");
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect.poll(async () => (await stats(page)).streams.load?.received, { timeout: 120_000 }).toBe(EVENTS);
  await page.getByTestId("open-detector").first().click();
  const sheet = page.getByTestId("sheet");
  await expect(sheet.getByTestId("detector-headline")).toContainText("record-light watches");
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const begun = Date.now();
    await sheet.getByTestId("what-if").click();
    await expect(sheet.getByTestId("what-if-answer")).toContainText("Over the 1,000,000 events held");
    times.push(Date.now() - begun);
    // The next answer is told from this one by its absence between them.
    await sheet.getByTestId("detector-name").selectOption("robust-z");
    await expect(sheet.getByTestId("what-if-answer")).toBeHidden();
    await sheet.getByTestId("detector-name").selectOption("record-light");
  }
  rmSync(folder, { recursive: true });
  times.sort((a, b) => a - b);
  console.log(`${EVENTS} events scored again by record-light, as it is and as it would be: ${times.join(", ")} ms`);
  console.log(`median ${times[(RUNS - 1) / 2]} ms from click to answer, budget ${BUDGET_MILLIS} ms`);
  expect(times[(RUNS - 1) / 2]!).toBeLessThanOrEqual(BUDGET_MILLIS);
});
