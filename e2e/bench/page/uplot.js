// `window.bench` over uPlot, the yardstick.
import uPlot from "./uPlot.esm.js";

const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

function chart(host, { x, ys }) {
  host.replaceChildren();
  const { width, height } = host.getBoundingClientRect();
  const series = ys.map((_, at) => ({ label: `series ${at}`, stroke: COLORS[at % 4] }));
  // The legend, which holds the values under the crosshair, takes its place from the plot's height.
  const options = { width, height: height - 30, series: [{}, ...series] };
  return new uPlot(options, [x, ...ys], host);
}

/** The last events of a chart: views of a buffer that is moved together when it is full. */
class Window {
  #columns;
  #length;
  #start = 0;

  constructor({ x, ys }) {
    this.#length = x.length;
    this.#columns = [x, ...ys].map((values) => {
      const buffer = new Float64Array(4 * x.length);
      buffer.set(values);
      return buffer;
    });
  }

  push({ x, ys }) {
    const more = x.length;
    if (this.#start + this.#length + more > this.#columns[0].length) {
      for (const column of this.#columns) column.copyWithin(0, this.#start, this.#start + this.#length);
      this.#start = 0;
    }
    const end = this.#start + this.#length;
    [x, ...ys].forEach((values, at) => this.#columns[at].set(values, end));
    this.#start += more;
  }

  data() {
    return this.#columns.map((column) => column.subarray(this.#start, this.#start + this.#length));
  }
}

function perHost(columns, hosts) {
  return Array.isArray(columns) ? columns : hosts.map(() => columns);
}

/** uPlot draws in a microtask; those queued before this one are done when it resolves. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

window.bench = {
  name: `uPlot`,

  async cold(host, data) {
    chart(host, data);
    await settled();
  },

  async live(hosts, init) {
    const windows = perHost(init, hosts).map((columns) => new Window(columns));
    const plots = hosts.map((host, at) => chart(host, { x: windows[at].data()[0], ys: windows[at].data().slice(1) }));
    await settled();
    let last = 0;
    return {
      tick(columns, seq) {
        perHost(columns, hosts).forEach((more, at) => {
          windows[at].push(more);
          plots[at].setData(windows[at].data());
        });
        last = seq;
      },
      drawn: () => last,
      // From the host's edge, as the pointer's place is.
      cursor() {
        const plot = plots.find(({ cursor }) => cursor.left >= 0);
        return plot && plot.cursor.left + plot.over.offsetLeft;
      },
    };
  },

  async heavy(host, data) {
    const plot = chart(host, data);
    await settled();
    return { deferred: false, view: (min, max) => plot.setScale("x", { min, max }) };
  },
};
