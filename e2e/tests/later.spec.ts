import { expect, stats, test } from "../fixtures";

test("what opens on demand is fetched after the first charts", async ({ page, relay }) => {
  const order: string[] = [];
  page.on("request", (request) => {
    if (/spate-later-.*\.wasm$/.test(request.url())) order.push("later");
  });
  let release = () => {};
  const charts = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/spate-worker_bg.wasm", async (route) => {
    await charts;
    await route.continue();
  });
  await page.goto(relay.url);
  await expect(page.getByTestId("loading")).toBeVisible();
  expect(order, "nothing is drawn, so nothing more is fetched").toEqual([]);
  release();
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await expect.poll(() => order).toEqual(["later"]);
  await page.keyboard.press("?");
  await expect(page.getByTestId("help")).toBeVisible();
});

test.describe("without the network", () => {
  test.use({ expectedConsole: [/ERR_FAILED|Failed to fetch/] });

  test("a part that cannot be fetched is reported, and fetched at the next try", async ({ page, relay }) => {
    await page.route("**/spate-later-*.wasm", (route) => route.abort());
    await page.goto(relay.url);
    await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
    await page.keyboard.press("?");
    await expect(page.getByTestId("problem")).toContainText("Part of the page is missing");
    await page.unroute("**/spate-later-*.wasm");
    await page.keyboard.press("?");
    await page.keyboard.press("?");
    await expect(page.getByTestId("help")).toBeVisible();
  });
});
