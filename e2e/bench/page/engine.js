// The same queries over the same events by Spate's engine and by Perspective, each in a worker of its own: `window.engines`.
import init, { arrow_of_events, frame_of_events } from "./spate_bench.js";
import perspective from "./perspective.js";

const BATCH_ROWS = 1000;
/** Batches under way at a time. */
const UNDER_WAY = 16;
/** Events of a key that a rolling mean is of. */
const ROLLING = 100;

await init();
perspective.init_client(fetch("perspective-js.wasm"));
perspective.init_server({ wasm32: () => fetch("perspective-server.wasm") });

/** What each engine is asked, in its own words. */
const QUERIES = {
  sum: {
    spate: { by: ["key"], window: "tumbling 365d", agg: ["sum(value)"] },
    perspective: { group_by: ["key"], columns: ["value"], aggregates: { value: "sum" } },
  },
  rolling: {
    spate: { by: ["key"], window: `hopping ${ROLLING}ms/1ms`, agg: ["mean(value)"] },
    perspective: {
      columns: ["rolling"],
      windows: {
        rolling: {
          column: "value",
          aggregate: "avg",
          partition_by: ["key"],
          order_by: ["time", "asc"],
          rows: ROLLING - 1,
        },
      },
    },
  },
};

function batches(rows, make) {
  return Array.from({ length: rows / BATCH_ROWS }, (_, at) => make(at * BATCH_ROWS, BATCH_ROWS));
}

/** Gives each batch to `push`, some under way at a time. */
async function feed(all, push) {
  const underWay = new Set();
  for (const batch of all) {
    const pushed = push(batch).then(() => underWay.delete(pushed));
    underWay.add(pushed);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function ofSpate(query, rows) {
  const worker = new Worker("engine_worker.js", { type: "module" });
  const waiting = [];
  worker.onmessage = ({ data }) => waiting.shift()(data);
  const ask = (message, transfer = []) => {
    worker.postMessage(message, transfer);
    return new Promise((resolve) => waiting.push(resolve));
  };
  await ask({ spec: JSON.stringify(QUERIES[query].spate) });
  const all = batches(rows, frame_of_events);
  const begun = performance.now();
  await feed(all, (frame) => ask({ frame, reads: query === "sum" }, [frame.buffer]));
  const seconds = (performance.now() - begun) / 1000;
  const { sum, results, bytes } = await ask({});
  worker.terminate();
  return { rowsPerSecond: rows / seconds, bytes, sum, results };
}

async function ofPerspective(query, rows, results) {
  const client = await perspective.worker();
  const all = batches(rows, arrow_of_events);
  const table = await client.table({ time: "datetime", key: "string", value: "float" });
  const view = await table.view(QUERIES[query].perspective);
  const begun = performance.now();
  await feed(all, (batch) => table.update(batch.buffer));
  // A question is answered after all that came before it.
  await view.num_rows();
  const seconds = (performance.now() - begun) / 1000;
  const columns = await view.to_columns();
  const values = query === "sum" ? columns.value.slice(1) : columns.rolling.slice(0, results);
  const { heap_size } = await client.system_info();
  await view.delete();
  await table.delete();
  await client.terminate();
  const sum = values.reduce((all, value) => all + value, 0);
  return { rowsPerSecond: rows / seconds, bytes: Number(heap_size), sum };
}

window.engines = { ofSpate, ofPerspective };
