import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

/** A TCP relay in front of a relay, so that a test can cut connections that both ends would keep. */
export class Proxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private refusing = false;

  private constructor(
    private readonly server: Server,
    /** Base address without a closing slash. */
    readonly url: string,
  ) {}

  /** Forward a free loopback port to `port`. */
  static async start(port: number): Promise<Proxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new Proxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("connection", (client) => proxy.forward(client, port));
    return proxy;
  }

  /** Cut every connection and refuse new ones until `heal`. */
  cut(): void {
    this.refusing = true;
    for (const [client, upstream] of this.pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** Take connections again. */
  heal(): void {
    this.refusing = false;
  }

  /** Cut everything for good. */
  stop(): void {
    this.cut();
    this.server.close();
  }

  private forward(client: Socket, port: number): void {
    if (this.refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(port, "127.0.0.1");
    const pair: [Socket, Socket] = [client, upstream];
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of pair) socket.on("error", end).on("close", end);
  }
}
