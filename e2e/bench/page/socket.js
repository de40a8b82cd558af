// The worker's WebSocket, with the page at its other end. Everything else in the worker is what ships.
//
// From the page come { frames, seq }: frames of a relay, of which the last is number `seq`. To the page go { sent }, a frame
// of the client's, and { drawn }, the number of the last frame that an animation frame has drawn.

let open;
let delivered = 0;
let drawn = 0;

class PageSocket {
  constructor() {
    open = this;
    queueMicrotask(() => this.onopen());
  }

  send(frame) {
    self.postMessage({ sent: frame.slice() });
  }

  close() {}
}

self.WebSocket = PageSocket;

self.addEventListener("message", ({ data }) => {
  if (data.seq === undefined) return;
  for (const frame of data.frames) open.onmessage(new MessageEvent("message", { data: frame.buffer }));
  delivered = data.seq;
});

const nextFrame = self.requestAnimationFrame.bind(self);
self.requestAnimationFrame = (draw) =>
  nextFrame((time) => {
    draw(time);
    if (drawn !== delivered) self.postMessage({ drawn: (drawn = delivered) });
  });
