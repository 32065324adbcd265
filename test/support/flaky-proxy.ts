import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const waitLimitMs = 60_000;
const pollMs = 5;

/** A TCP proxy on loopback that can be made to fail. */
export interface FlakyProxy {
  readonly port: number;
  /** Resolves when that many more bytes have gone to the target. */
  untilSent(bytes: number): Promise<void>;
  /** Resets every open connection and refuses new ones until `heal`. */
  fail(): void;
  /** Lets open and new connections stall, without an answer, until `heal`. */
  stall(): void;
  heal(): void;
  stop(): Promise<void>;
}

/** The target must listen on 127.0.0.1. */
export async function startFlakyProxy(targetPort: number): Promise<FlakyProxy> {
  const sockets = new Set<Socket>();
  let state: "healthy" | "failing" | "stalled" = "healthy";
  let sentBytes = 0;
  const server = createServer((client) => {
    if (state === "failing") {
      client.resetAndDestroy();
      return;
    }
    const target = connect(targetPort, "127.0.0.1");
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (from === client) sentBytes += chunk.length;
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => {
        if (state !== "stalled") from.resume();
      });
      from.on("end", () => to.end());
      // A reset on one side is a reset on the other.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (state === "stalled") from.pause();
    }
  });
  const port = await listen(server);
  return {
    port,
    async untilSent(bytes) {
      const wanted = sentBytes + bytes;
      const deadlineMs = Date.now() + waitLimitMs;
      while (sentBytes < wanted) {
        if (Date.now() > deadlineMs) throw new Error(`${bytes} bytes were not sent in time.`);
        await sleep(pollMs);
      }
    },
    fail() {
      state = "failing";
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stall() {
      state = "stalled";
      for (const socket of sockets) socket.pause();
    },
    heal() {
      state = "healthy";
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") resolve(address.port);
  });
  return promise;
}
