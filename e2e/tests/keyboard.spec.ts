import type { Page } from "@playwright/test";
import { expect, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** Presses Tab until the focus is on an element of this kind. */
async function tabTo(page: Page, is: (focused: HTMLElement) => boolean): Promise<void> {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`(${is})(document.activeElement)`)) return;
  }
  throw new Error("the keyboard does not get there");
}

test("the keyboard alone finds every anomaly of a recording", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=machine_temperature"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await tabTo(page, (focused) => focused.getAttribute("role") === "slider" || (focused as HTMLInputElement).type === "range");
  await page.keyboard.press("End");
  // All of it, and what the engine found in it is on the page.
  await expect.poll(async () => (await stats(page)).streams.machine_temperature!.received).toBe(22_695);
  const known = (await stats(page)).alerts;
  await expect(page.getByTestId("alert-count")).toHaveText(`${known}`);
  expect(known).toBeGreaterThan(3);

  await tabTo(page, (focused) => focused.dataset.testid === "plot");
  const said = page.getByTestId("announcement");
  const found: string[] = [];
  await page.keyboard.press("p");
  for (let i = 0; i <= known; i++) {
    await expect(said).toContainText(/Anomaly|No further anomaly/);
    const words = (await said.textContent())!;
    if (words === "No further anomaly") break;
    found.push(words);
    await page.keyboard.press("p");
    await expect(said).not.toHaveText(words);
  }
  expect(new Set(found).size).toBe(found.length);
  expect(found).toHaveLength(known);
  // The way back is the same, ending where it began.
  for (const words of found.slice(0, -1).reverse()) {
    await page.keyboard.press("n");
    await expect(said).toHaveText(words);
  }
});
