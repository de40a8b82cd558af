import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404|ERR_INTERNET_DISCONNECTED/] });

test("a bundled recording plays with the network off", async ({ page, relay, context }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "recording");
  const received = async () => (await stats(page)).streams.nyc_taxi?.received ?? 0;
  await expect.poll(received).toBeGreaterThan(1_000);
  await expect(page.getByTestId("play")).toBeVisible();
  await context.setOffline(true);
  await relay.kill();
  const before = await received();
  await expect.poll(received).toBeGreaterThan(before + 20);
  await keepScreenshot(page, "recording");
});

test("space pauses, and the slider seeks to both ends", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  const received = async () => (await stats(page)).streams.nyc_taxi?.received ?? 0;
  await expect.poll(received).toBeGreaterThan(1_000);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  const slider = page.getByRole("slider");
  await slider.focus();
  await page.keyboard.press("End");
  await expect.poll(received).toBe(10_320);
  await page.keyboard.press("Home");
  await expect.poll(received).toBeLessThan(100);
});

test("a recording that is not there is said, with a way out", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nothing_here"));
  const failed = page.getByTestId("failed");
  await expect(failed).toContainText("nothing_here");
  await expect(failed.getByRole("button").first()).toBeVisible();
});

test("a bad value in the address is reported and the rest is applied", async ({ page, relay }) => {
  await page.goto(relay.at("/?width=wide&theme=dark"));
  await expect(page.getByTestId("problem")).toContainText("width");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("playback steps, goes round, and shows the whole recording with its anomalies", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  const received = async () => (await stats(page)).streams.nyc_taxi?.received ?? 0;
  await expect.poll(received).toBeGreaterThan(1_000);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByTestId("strip-marks")).toHaveAttribute("aria-label", /Anomalies in the recording: [1-9]/);
  const before = await received();
  await page.getByTestId("step-on").click();
  await expect.poll(received).toBe(before + 1);
  await page.getByTestId("step-back").click();
  await expect.poll(received).toBe(before);
  await page.getByTestId("loop").click();
  await expect(page.getByTestId("strip-round")).toBeVisible();
  await keepScreenshot(page, "playback-light");
  await page.getByTestId("loop").click();
  await page.getByTestId("speed").selectOption({ label: "As fast as possible" });
  await page.keyboard.press("Escape");
  await page.getByTestId("play").click();
  await expect.poll(received).toBe(10_320);
});
