import { readFileSync } from "node:fs";
import { showPanels } from "../board";
import { expect, keepScreenshot, type Relay, stats, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

/** Publish an event a second from `from` to `to`, in seconds of the day. */
async function publish(relay: Relay, from: number, to: number): Promise<void> {
  const event = (i: number) => JSON.stringify({ time: new Date(Date.UTC(2024, 0, 1) + (from + i) * 1000).toISOString(), load: 5, note: `n${from + i}` });
  const body = Array.from({ length: to - from }, (_, i) => event(i)).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(relay.at("/api/v1/streams/load/events"), { method: "POST", headers, body });
  expect((await answer.json()).accepted).toBe(to - from);
}

test("events that come too late have a lane, a count, a table and a file", async ({ page, relay }) => {
  await publish(relay, 0, 1200);
  await page.goto(relay.at("/?theme=light&from=now-20m&to=now"));
  await expect(page.getByTestId("panel").first()).toBeVisible();
  const query = { window: "tumbling 1m", agg: ["count"], lateness: "10s" };
  await showPanels(page, [{ kind: "time_series", stream: "load", query, layout: { x: 0, y: 0, w: 24, h: 8 } }]);
  const panel = page.getByTestId("panel");
  await expect.poll(async () => (await stats(page)).panels.some((one) => one.points > 5)).toBe(true);
  await publish(relay, 600, 612);
  await expect(panel.getByTestId("panel-notes")).toContainText("12 events came too late to count");
  await panel.getByTestId("plot").hover({ position: { x: 300, y: 60 } });
  await expect(page.getByTestId("tooltip")).toContainText("12 late");
  await keepScreenshot(page, "late-light");
  await panel.getByTestId("open-table").click();
  await page.getByTestId("part-late").check();
  await expect(page.getByTestId("table-row")).toHaveCount(12);
  await expect(page.getByTestId("table")).toContainText("n611");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByTestId("part-late").check();
  const waits = page.waitForEvent("download");
  await page.getByTestId("save-csv").click();
  const file = await waits;
  expect(file.suggestedFilename()).toBe("load_late.csv");
  expect(readFileSync((await file.path())!, "utf8").trim().split("\n")).toHaveLength(13);
});
