import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, stats, test } from "../fixtures";

/** What axe finds, a line each. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.target).join(" ")}`);
}

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 360]) {
    test(`axe finds nothing on the live dashboard, ${scheme}, ${width} px`, async ({ page, relay }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(relay.url);
      await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
      expect(await findings(page)).toEqual([]);
    });
  }
}

test.describe("without streams", () => {
  test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

  for (const [name, query, sign] of [
    ["an empty relay", "", "empty"],
    ["a recording", "?recording=machine_temperature", "playback"],
    ["a failure", "?recording=missing", "failed"],
    ["a problem", "?width=wide", "problem"],
  ] as const) {
    test(`axe finds nothing on ${name}`, async ({ page, relay }) => {
      await page.goto(relay.at(`/${query}`));
      await expect(page.getByTestId(sign).first()).toBeVisible();
      expect(await findings(page)).toEqual([]);
    });
  }
});

test.describe("on sheets", () => {
  test.use({ relayOptions: {} });

  for (const name of ["open-table", "open-save"]) {
    test(`axe finds nothing on ${name}`, async ({ page, relay }) => {
      await page.goto(relay.at("/?recording=nyc_taxi"));
      await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
      await page.getByTestId(name).first().click();
      await expect(page.getByTestId("sheet")).toBeVisible();
      expect(await findings(page)).toEqual([]);
    });
  }
});
