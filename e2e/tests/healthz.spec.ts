import { expect, test } from "../fixtures";

test("a running relay says that it is healthy", async ({ relay, request }) => {
  const answer = await request.get(relay.at("/healthz"));
  expect(answer.status()).toBe(200);
});
