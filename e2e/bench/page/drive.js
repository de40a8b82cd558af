// Drives whichever `window.bench` the page has, in the same way: `window.drive`.

const LIVE_SECONDS_PER_POINT = 1 / 600;
const START = 1_700_000_000;

/** Evenly spread over 0 to 1 without a pattern, the same in every run. */
function noise(index, series) {
  let bits = Math.imul(index ^ Math.imul(series + 1, 0x9e3779b9), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Values of one series: a slow and a quick wave, and noise. */
function value(index, series) {
  const waves = 30 * Math.sin(index / 900 + series) + 8 * Math.sin(index / 37);
  return 100 * series + waves + 6 * (noise(index, series) - 0.5);
}

function columns(from, count, series, secondsPerPoint) {
  const x = Float64Array.from({ length: count }, (_, at) => START + (from + at) * secondsPerPoint);
  const ys = Array.from({ length: series }, (_, of) =>
    Float64Array.from({ length: count }, (_, at) => value(from + at, of)),
  );
  return { x, ys };
}

function hosts(count, width = 1200, height = 300) {
  document.body.replaceChildren();
  return Array.from({ length: count }, () => {
    const host = document.createElement("div");
    host.className = "host";
    host.style.cssText = `width:${width}px;height:${height}px`;
    document.body.append(host);
    return host;
  });
}

const nextFrame = () => new Promise(requestAnimationFrame);
/** After the painting of the animation frame it is called in. */
const painted = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(0);
  });

function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))] ?? NaN;
}

/** Tasks over 50 ms since it was made. */
function longTasks() {
  const lengths = [];
  const observer = new PerformanceObserver((list) => lengths.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: "longtask" });
  return () => {
    lengths.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    return lengths;
  };
}

/** A run of charts that get points with every animation frame, until the page is left. */
class Live {
  #points;
  #series;
  #sent = 0;
  #seq = 0;
  #drawings = [];
  #pointer;
  latencies = [];

  static async start({ charts, series, window, points }) {
    const live = new Live();
    const init = columns(0, window, series, LIVE_SECONDS_PER_POINT);
    [live.#points, live.#series, live.#sent] = [points, series, window];
    const chart = await globalThis.bench.live(hosts(charts), init);
    addEventListener("mousemove", ({ clientX, timeStamp }) => (live.#pointer = { clientX, timeStamp }), true);
    live.#run(chart);
    return live;
  }

  async #run(chart) {
    let drawn = 0;
    for (;;) {
      const now = await nextFrame();
      chart.tick(columns(this.#sent, this.#points, this.#series, LIVE_SECONDS_PER_POINT), ++this.#seq);
      this.#sent += this.#points;
      if (chart.drawn() !== drawn) {
        drawn = chart.drawn();
        this.#drawings.push(now);
      }
      this.#follow(chart);
    }
  }

  /** Notes how long the crosshair took to reach the pointer, once it is there. */
  async #follow(chart) {
    const pointer = this.#pointer;
    if (!pointer || Math.abs(chart.cursor() - pointer.clientX) > 1.5) return;
    this.#pointer = undefined;
    this.latencies.push((await painted()) - pointer.timeStamp);
  }

  /** What was drawn in the next `seconds`. */
  async measure(seconds) {
    const tasks = longTasks();
    this.#drawings = [];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const times = this.#drawings;
    const gaps = times.slice(1).map((time, at) => time - times[at]);
    return {
      frames: times.length,
      fps: gaps.length / ((times.at(-1) - times[0]) / 1000),
      gapP95: quantile(gaps, 0.95),
      longTasks: tasks().length,
    };
  }
}

window.drive = {
  Live,

  live: undefined,

  async startLive(load) {
    this.live = await Live.start(load);
  },

  /** Milliseconds from nothing to a chart of `points` points on screen. */
  async startHeavy({ points }) {
    const data = columns(0, points, 1, 1);
    const [host] = hosts(1);
    await nextFrame();
    const begun = performance.now();
    const chart = await globalThis.bench.heavy(host, data);
    await nextFrame();
    const millis = (await painted()) - begun;
    this.heavy = { chart, from: data.x[0], to: data.x.at(-1) };
    return millis;
  },

  /** Pans and zooms through so many views, one after the other. */
  async views(count) {
    const { chart, from, to } = this.heavy;
    const all = to - from;
    for (let view = 0; view < count; view++) {
      const width = all * (0.05 + 0.9 * Math.abs(Math.sin(view / 4)));
      const start = from + (all - width) * (view / count);
      await chart.view(start, start + width);
      await nextFrame();
    }
  },
};
