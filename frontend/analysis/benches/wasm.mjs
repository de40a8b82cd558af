// Runs the engine's WebAssembly module, which says one byte each time its main is called (see src/bin/digest.rs):
// `node wasm.mjs FILE` prints the digest, `node wasm.mjs FILE loads` the nanoseconds that each load takes, best of three.
import { readFileSync } from "node:fs";

const ROUNDS = 3;

const [file, what] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(file), {});
const call = () => instance.exports.main(0, 0);

let digest = "";
for (let byte = 0; byte < 8; byte += 1) digest += (call() & 255).toString(16).padStart(2, "0");

if (what !== "loads") {
  console.log(digest);
} else {
  while (call() === 0) {
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round += 1) {
      const begin = performance.now();
      if (call() !== 0) throw new Error("a load left events out");
      best = Math.min(best, performance.now() - begin);
    }
    console.log(Math.round(best * 1e6));
  }
}
