import { expect, keepScreenshot, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

test("a panel says in its header's next line what it leaves out", async ({ page, relay }) => {
  const lines = Array.from({ length: 460 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 230) * 1000).toISOString();
    return JSON.stringify({ time, host: `host-${String(i % 230).padStart(3, "0")}`, load: i });
  });
  const answer = await fetch(relay.at("/api/v1/streams/hosts/events"), {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  expect((await answer.json()).accepted).toBe(lines.length);
  await page.goto(relay.url);
  await expect(page.getByTestId("panel-notes")).toContainText("30 series not shown");
  await keepScreenshot(page, "notes-light");
});
