import type { Relay } from "./relay";

/** Event `i` of a made-up measure: a wave with a fixed ripple, one event a second from 2024-01-01. */
export function event(i: number): { time: string; load: number } {
  const time = new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString();
  return { time, load: Math.round(1000 * (50 + 10 * Math.sin(i / 40) + ((i * 7919) % 13))) / 1000 };
}

/** Publish events `from..to` of the made-up measure; every one must be taken. */
export async function publish(relay: Relay, stream: string, from: number, to: number): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, i) => JSON.stringify(event(from + i)));
  const response = await fetch(relay.at(`/api/v1/streams/${stream}/events`), {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  const answer = await response.json();
  if (response.status !== 200 || answer.accepted !== to - from) {
    throw new Error(`published ${to - from} events, got ${response.status} ${JSON.stringify(answer)}`);
  }
}
