import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Page, expect, test as base } from "@playwright/test";
import { Relay, type RelayOptions, ROOT } from "./relay";

export { expect, Relay, ROOT };

/** Counters of one stream; received = windowed + late + rejected + shed. */
export type StreamStats = {
  received: number;
  windowed: number;
  late: number;
  rejected: number;
  shed: number;
  scored: number;
  epoch: number | string;
  next: number;
  gaps: number;
  duplicates: number;
};

/** What one panel drew. */
export type PanelStats = {
  id: string;
  kind: string;
  points: number;
  painted: number;
  paint_ms_p50: number;
  paint_ms_p95: number;
};

/** What `window.spate.stats()` resolves to. */
export type Stats = {
  build: string;
  streams: Record<string, StreamStats>;
  panels: PanelStats[];
  alerts: number;
};

/** The page's own account of itself, once it runs. */
export async function stats(page: Page): Promise<Stats> {
  await page.waitForFunction(() => "spate" in window);
  return page.evaluate(() => (window as unknown as { spate: { stats(): Promise<Stats> } }).spate.stats());
}

/** Keep a picture of the page as an artefact: `test-results/screenshots/NAME.png`. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const path = join(dirname(fileURLToPath(import.meta.url)), "test-results/screenshots", `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: "disabled" });
}

type Fixtures = {
  /** What `relay` is started with; set by `test.use({ relayOptions: { ... } })`. */
  relayOptions: RelayOptions;
  /** A relay of this test's own, killed after it. */
  relay: Relay;
  /** Console messages a test provokes on purpose; others at level error fail it. */
  expectedConsole: RegExp[];
};

export const test = base.extend<Fixtures>({
  relayOptions: [{ config: "recordings/relay.toml" }, { option: true }],
  expectedConsole: [[], { option: true }],

  relay: async ({ relayOptions }, use, testInfo) => {
    const relay = await Relay.start({ ...relayOptions });
    await use(relay);
    await relay.kill();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("relay.log", { body: relay.log, contentType: "text/plain" });
    }
  },

  page: async ({ page, expectedConsole }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(`page error: ${error.name}: ${error.message}\n${error.stack}`));
    page.on("console", (message) => {
      const text = message.text();
      const watched = message.type() === "error" || message.type() === "warning";
      if (watched && !expectedConsole.some((expected) => expected.test(text))) {
        faults.push(`console ${message.type()}: ${text} (${message.location().url})`);
      }
    });
    await use(page);
    expect(faults, "the console stays clean").toEqual([]);
  },
});
