// Broadcasts, every 16 ms, what publishers sent meanwhile to all other clients, in one binary message.
// Publishers connect to /publish. Prints its port.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("listening", () => console.log(server.address().port));

let open = [];
const readers = new Set();
server.on("connection", (socket, request) => {
  if (request.url === "/publish") {
    socket.on("message", (events) => open.push(events));
    return;
  }
  readers.add(socket);
  socket.on("close", () => readers.delete(socket));
});
setInterval(() => {
  if (open.length === 0) return;
  const batch = Buffer.concat(open);
  open = [];
  for (const reader of readers) reader.send(batch);
}, 16);
