// Broadcasts one binary batch every 16 ms to every client: 8 bytes of seal time (ns, little-endian), then the events.
// usage: node server.js EVENTS_PER_SECOND BYTES_PER_EVENT; prints its port.
import { WebSocketServer } from "ws";

const [perSecond, eventBytes] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("listening", () => console.log(server.address().port));

const start = process.hrtime.bigint();
const wallStart = BigInt(Date.now()) * 1_000_000n;
let published = 0;
setInterval(() => {
  const elapsed = process.hrtime.bigint() - start;
  const due = Math.floor((Number(elapsed) / 1e9) * perSecond);
  const batch = Buffer.alloc(8 + (due - published) * eventBytes, 1);
  batch.writeBigInt64LE(wallStart + elapsed);
  published = due;
  for (const client of server.clients) client.send(batch);
}, 16);
