import { expect, stats, test } from "../fixtures";
import { publish } from "../producer";
import { Proxy } from "../proxy";

// A cut may hit whatever else the page is fetching, too.
test.use({ relayOptions: {}, expectedConsole: [/WebSocket connection to .* failed|ERR_CONNECTION_/] });

const badge = "connection";

test("after a cut the client resumes: no event is lost or doubled", async ({ page, relay }) => {
  const proxy = await Proxy.start(relay.port);
  await publish(relay, "load", 0, 500);
  await page.goto(proxy.url);
  await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(500);
  proxy.cut();
  await expect(page.getByTestId(badge)).toHaveAttribute("data-state", "resuming");
  await publish(relay, "load", 500, 1_200);
  proxy.heal();
  await expect(page.getByTestId(badge)).toHaveAttribute("data-state", "live");
  await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(1_200);
  expect((await stats(page)).streams.load).toMatchObject({ windowed: 1_200, late: 0, gaps: 0, duplicates: 0, next: 1_200 });
  proxy.stop();
});

test.describe("with a small ring", () => {
  test.use({ relayOptions: { args: ["--ring-bytes", "64KiB"] } });

  test("events that left the ring while away are a declared gap", async ({ page, relay }) => {
    const proxy = await Proxy.start(relay.port);
    await publish(relay, "load", 0, 100);
    await page.goto(proxy.url);
    await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(100);
    proxy.cut();
    await expect(page.getByTestId(badge)).toHaveAttribute("data-state", "resuming");
    for (let from = 100; from < 30_100; from += 2_000) await publish(relay, "load", from, from + 2_000);
    proxy.heal();
    await expect.poll(async () => (await stats(page)).streams.load?.next).toBe(30_100);
    const load = (await stats(page)).streams.load!;
    const { oldest } = (await (await fetch(relay.at("/api/v1/streams"))).json()).streams[0];
    expect(load.gaps).toBe(1);
    expect(load.received).toBe(100 + 30_100 - oldest);
    proxy.stop();
  });
});

test("a relay that was killed and restarted is a gap, and its new events arrive", async ({ page, relay }) => {
  await publish(relay, "load", 0, 300);
  await page.goto(relay.url);
  await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(300);
  const { epoch } = (await stats(page)).streams.load!;
  await relay.kill();
  await expect(page.getByTestId(badge)).toHaveAttribute("data-state", "resuming");
  await relay.restart();
  await publish(relay, "load", 300, 400);
  await expect.poll(async () => (await stats(page)).streams.load?.received, { timeout: 30_000 }).toBe(400);
  await expect(page.getByTestId(badge)).toHaveAttribute("data-state", "live");
  const load = (await stats(page)).streams.load!;
  expect(load).toMatchObject({ windowed: 400, late: 0, gaps: 1, duplicates: 0, next: 100 });
  expect(load.epoch).not.toBe(epoch);
});

test("a stream that appears later gets its panels without a reload", async ({ page, relay }) => {
  await page.goto(relay.url);
  await expect(page.getByTestId("empty").first()).toBeVisible();
  await publish(relay, "late_comer", 0, 200);
  await expect(page.getByTestId("panel").filter({ hasText: "late_comer" }).first()).toBeVisible();
  await expect.poll(async () => (await stats(page)).streams.late_comer?.received).toBe(200);
});
