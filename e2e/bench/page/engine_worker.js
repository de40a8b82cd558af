// Spate's engine, asked one query.
import init, { Query } from "./spate_bench.js";

const ready = init();
let query;

self.onmessage = async ({ data: { spec, frame, reads } }) => {
  const { memory } = await ready;
  if (spec) query = new Query(spec);
  if (frame) query.push(frame);
  if (frame && !reads) return self.postMessage({});
  // Grouped sums are read after every batch: a view that follows is never older.
  const sum = query.results() > 0 ? query.sum() : query.open_sum();
  self.postMessage({ sum, results: query.results(), bytes: memory.buffer.byteLength });
};
