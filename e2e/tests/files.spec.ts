import { expect, keepScreenshot, stats, test } from "../fixtures";
import { event } from "../producer";

// What the page fetches ahead may be under way when a test takes the network away.
test.use({ relayOptions: {}, expectedConsole: [/ERR_INTERNET_DISCONNECTED/] });

const csv = (rows: number) =>
  ["time,load", ...Array.from({ length: rows }, (_, i) => Object.values(event(i)).join(","))].join("\n");

/** Drop a file on the page as a person would. */
async function drop(page: import("@playwright/test").Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, content }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], name));
      return transfer;
    },
    { name, content },
  );
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("body", type, { dataTransfer: transfer });
  }
}

test("a dropped CSV plays without the relay", async ({ page, relay, context }) => {
  await page.goto(relay.url);
  await expect(page.getByTestId("empty").first()).toBeVisible();
  await context.setOffline(true);
  await drop(page, "load.csv", csv(2_000));
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "recording");
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(2_000);
});

test("a bad CSV names the line and the column", async ({ page, relay }) => {
  await page.goto(relay.url);
  await drop(page, "load.csv", "time,load\n2024-01-01T00:00:00Z,5\n2024-01-01T00:00:01Z,oops\n");
  const problem = page.getByTestId("problem");
  await expect(problem).toContainText("line 3");
  await expect(problem).toContainText("load");
  await expect(problem).toContainText("oops");
});

test("a file dropped before the program runs is opened once it does", async ({ page, relay }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*_bg.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(relay.url);
  await drop(page, "load.csv", csv(200));
  release();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "recording");
  await expect.poll(async () => Object.keys((await stats(page)).streams)).toEqual(["load"]);
});

test("a file without one good row says why and offers a way out", async ({ page, relay }) => {
  await page.goto(relay.url);
  await drop(page, "broken.csv", "a,b\n1,2\n");
  const failed = page.getByTestId("failed");
  await expect(failed).toContainText("broken.csv");
  await expect(failed).toContainText("line 2");
  await expect(failed.getByRole("button").first()).toBeVisible();
  await keepScreenshot(page, "failed-file");
});

test("a picture is not a recording", async ({ page, relay }) => {
  await page.goto(relay.url);
  await page.getByTestId("file-input").first().setInputFiles({ name: "cat.png", mimeType: "image/png", buffer: Buffer.from("\x89PNG") });
  await expect(page.getByTestId("failed")).toContainText("not a recording");
});
