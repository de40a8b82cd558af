// `window.bench` over Spate: its worker draws on the hosts' canvases; see README.md for the contract.
import init, * as spate from "./spate_bench.js";

/** Rows in a frame: what a relay seals at most. */
const FRAME_ROWS = 4096;

/** A worker that has started: what loading a library is elsewhere. */
function startWorker() {
  const worker = new Worker("worker.js", { type: "module" });
  // The first thing it says is that it is ready.
  return new Promise((resolve) => worker.addEventListener("message", () => resolve(worker), { once: true }));
}

/** The worker that ships, with this page as its relay. */
class Session {
  #worker;
  #feed;
  #seq = 0;
  #waiting = [];
  drawn = 0;
  onCrosshair = () => {};

  static async open(worker, hosts, series) {
    const session = new Session();
    session.#worker = worker;
    session.#feed = new spate.Feed(hosts.length, series);
    const subscribed = new Promise((resolve) => session.#listen(resolve));
    for (const command of spate.connect()) session.send(command);
    hosts.forEach((host, chart) => session.#add(host, chart, series));
    await subscribed;
    return session;
  }

  #listen(subscribed) {
    this.#worker.onmessage = ({ data }) => {
      if (data.drawn !== undefined) this.#hasDrawn(data.drawn);
      else if (data.sent) this.#answer(data.sent, subscribed);
      else {
        const crosshair = spate.crosshair(data);
        if (crosshair) this.onCrosshair(crosshair);
      }
    };
  }

  #answer(frame, subscribed) {
    const answer = this.#feed.answer(frame);
    if (answer.length > 0) this.#post([answer], this.#seq);
    if (this.#feed.is_subscribed()) subscribed();
  }

  #hasDrawn(seq) {
    this.drawn = seq;
    this.#waiting = this.#waiting.filter(([wanted, resolve]) => wanted > seq || resolve());
  }

  #add(host, chart, series) {
    const canvas = document.createElement("canvas");
    canvas.style.cssText = "width:100%;height:100%;display:block";
    host.replaceChildren(canvas);
    const offscreen = canvas.transferControlToOffscreen();
    const { width, height } = host.getBoundingClientRect();
    const scale = devicePixelRatio;
    this.send(spate.add_chart(chart, series), offscreen);
    this.send(spate.resize(chart, Math.round(width * scale), Math.round(height * scale), scale));
    this.send(spate.show(chart, true));
  }

  send(command, canvas) {
    const parts = canvas ? [command, canvas] : [command];
    this.#worker.postMessage(parts, [command.buffer, ...(canvas ? [canvas] : [])]);
  }

  #post(frames, seq) {
    this.#worker.postMessage(
      { frames, seq },
      frames.map((frame) => frame.buffer),
    );
  }

  /** Sends columns, one set for each stream. Gives their number, which `drawn` reaches. */
  push(columns, seq = this.#seq + 1) {
    const frames = [];
    columns.forEach(({ x, ys }, stream) => {
      for (let from = 0; from < x.length; from += FRAME_ROWS) {
        const part = (values) => values.subarray(from, from + FRAME_ROWS);
        frames.push(this.#feed.events(stream, part(x), joined(ys.map(part))));
      }
    });
    this.#seq = seq;
    this.#post(frames, seq);
    return seq;
  }

  /** Resolves once everything sent so far is drawn. */
  whenDrawn() {
    const seq = this.push([]);
    return new Promise((resolve) => this.#waiting.push([seq, resolve]));
  }
}

function joined(arrays) {
  if (arrays.length === 1) return arrays[0];
  const all = new Float64Array(arrays.length * arrays[0].length);
  arrays.forEach((values, at) => all.set(values, at * values.length));
  return all;
}

/** One set of columns for each host: those given, or the same for all. */
function perHost(columns, hosts) {
  return Array.isArray(columns) ? columns : hosts.map(() => columns);
}

/** The crosshair and its exact values, in the page, as on the dashboard: asked for as soon as the pointer moves. */
function followPointer(session, hosts) {
  const line = document.createElement("div");
  line.className = "line";
  const words = document.createElement("pre");
  words.className = "words";
  let at;
  session.onCrosshair = (crosshair) => {
    at = crosshair.x_px / devicePixelRatio;
    line.style.transform = `translateX(${at}px)`;
    words.textContent = crosshair.words;
  };
  hosts.forEach((host, chart) =>
    host.addEventListener("pointerrawupdate", (event) => {
      const x = event.clientX - host.getBoundingClientRect().left;
      if (line.parentNode !== host) host.append(line, words);
      session.send(spate.hover(chart, x * devicePixelRatio));
    }),
  );
  return () => at;
}

async function whole(worker, host, data) {
  const session = await Session.open(await worker, [host], data.ys.length);
  session.send(spate.look_at(data.x[0], data.x.at(-1)));
  session.push([data]);
  await session.whenDrawn();
  return session;
}

await init();
let started = startWorker();
await started;

/** The worker that waits for its first chart, or another. */
function takeWorker() {
  const worker = started ?? startWorker();
  started = undefined;
  return worker;
}

window.bench = {
  name: "Spate",

  async cold(host, data) {
    await whole(startWorker(), host, data);
  },

  async live(hosts, init) {
    const columns = perHost(init, hosts);
    const session = await Session.open(await takeWorker(), hosts, columns[0].ys.length);
    const { x } = columns[0];
    session.send(spate.follow(x.at(-1) - x[0]));
    session.push(columns);
    await session.whenDrawn();
    const cursor = followPointer(session, hosts);
    return {
      tick: (more, seq) => void session.push(perHost(more, hosts), seq),
      drawn: () => session.drawn,
      cursor,
    };
  },

  async heavy(host, data) {
    const session = await whole(takeWorker(), host, data);
    return {
      deferred: true,
      view(min, max) {
        session.send(spate.look_at(min, max));
        return session.whenDrawn();
      },
    };
  },
};
