import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

/** A panel of a dashboard document. */
export type PanelDocument = {
  kind: string;
  stream?: string;
  measure?: string;
  query?: object;
  options?: object;
  layout?: { x?: number; y?: number; w?: number; h?: number };
};

/** Show a document as if it were opened from a file, while the dashboard is being changed. */
export async function importText(page: Page, text: string): Promise<void> {
  const file = { name: "a.json", mimeType: "application/json", buffer: Buffer.from(text) };
  await page.getByTestId("import-input").setInputFiles(file);
}

/** Show these panels, three in a row where they say nothing of their place. */
export async function showPanels(page: Page, panels: PanelDocument[]): Promise<void> {
  const place = (at: number) => ({ x: (at % 3) * 8, y: Math.floor(at / 3) * 7, w: 8, h: 7 });
  const placed = panels.map((panel, at) => ({ ...panel, layout: panel.layout ?? place(at) }));
  await page.keyboard.press("e");
  await expect(page.getByTestId("board-bar")).toBeVisible();
  await importText(page, JSON.stringify({ title: "Board of a test", panels: placed }));
  await expect(page.getByTestId("panel")).toHaveCount(panels.length);
  await page.keyboard.press("Escape");
  await page.getByTestId("done").click();
}
