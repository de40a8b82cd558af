import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** How long a relay may take to say that it is ready. */
const READY_TIMEOUT_MILLIS = 20_000;

/** What a relay is started with. */
export type RelayOptions = {
  /** Path of a config file, from the repository's root. */
  config?: string;
  /** Arguments after `serve`. */
  args?: string[];
  /** Environment on top of this process's own. */
  env?: Record<string, string>;
};

/** A real relay on a free loopback port. */
export class Relay {
  /** What it printed, for failed tests. */
  log = "";

  private constructor(
    private readonly options: RelayOptions,
    private child: ChildProcess,
    /** Base address without a closing slash, such as `http://127.0.0.1:4000`. */
    public url: string,
  ) {}

  /** Start a relay and wait until it is ready. */
  static async start(options: RelayOptions = {}): Promise<Relay> {
    const relay = new Relay(options, undefined as never, "");
    await relay.launch("127.0.0.1:0");
    return relay;
  }

  /** The port it listens on. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** An address on this relay. */
  at(path: string): string {
    return new URL(path, this.url).href;
  }

  /** Kill it without a chance to say goodbye. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ask it to drain and stop; resolves to its exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  /** Start again on the same port, after `kill` or `stop`; `changes` replace what it was started with. */
  async restart(changes: RelayOptions = {}): Promise<void> {
    Object.assign(this.options, changes);
    await this.launch(`127.0.0.1:${this.port}`);
  }

  private async launch(listen: string): Promise<void> {
    const { config, args = [], env = {} } = this.options;
    const words = ["serve", "--listen", listen, ...(config ? ["--config", config] : []), ...args];
    const child = spawn(binary(), words, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr.on("data", (bytes) => (this.log += bytes));
    this.url = await this.ready(child);
  }

  /** Waits for the line that names the dashboard's address. */
  private ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}\n${this.log}`));
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        fail("the relay did not say that it is ready");
      }, READY_TIMEOUT_MILLIS);
      child.once("error", (error) => fail(`cannot start the relay: ${error.message}`));
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        fail(`the relay ended before it was ready (${code ?? signal})`);
      });
      createInterface({ input: child.stdout! }).on("line", (line) => {
        this.log += `${line}\n`;
        const address = /^Dashboard: (http:\/\/[^\s/]+)/.exec(line)?.[1];
        if (address) {
          clearTimeout(timer);
          resolve(address);
        }
      });
    });
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, "exit");
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }
}

/** The relay's program: the one xtask built, else the newest kind in `target`. */
function binary(): string {
  const named = process.env.SPATE_RELAY_BIN;
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const candidates = named ? [named] : ["release", "debug"].map((kind) => join(target, kind, "spate-relay"));
  const found = candidates.find(existsSync);
  if (!found) throw new Error(`no relay at ${candidates.join(" or ")}: run cargo xtask build`);
  return found;
}
