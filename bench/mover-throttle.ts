import { connect, createServer, type Socket } from "node:net";

/** Stands for a network: every connection through it gets so many bytes a second, each way. */
export interface ThrottledPort {
  readonly port: number;
  stop(): void;
}

/** How often a connection's allowance is filled up. */
const tickMs = 5;

export async function startThrottle(
  targetPort: number,
  bytesPerSecond: number,
): Promise<ThrottledPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
    }
    const stopUp = pump(client, target, bytesPerSecond);
    const stopDown = pump(target, client, bytesPerSecond);
    const end = (): void => {
      stopUp();
      stopDown();
      for (const socket of [client, target]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    client.on("close", end);
    target.on("close", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function pump(from: Socket, to: Socket, bytesPerSecond: number): () => void {
  let allowance = 0;
  let lastMs = performance.now();
  let waiting = false;
  from.on("data", (chunk: Buffer) => {
    allowance -= chunk.length;
    if (!to.write(chunk)) waiting = true;
    if (allowance <= 0 || waiting) from.pause();
  });
  to.on("drain", () => {
    waiting = false;
  });
  from.on("end", () => to.end());
  from.resume();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const earned = ((nowMs - lastMs) / 1000) * bytesPerSecond;
    lastMs = nowMs;
    // No savings beyond a tenth of a second: an idle connection may not burst.
    allowance = Math.min(allowance + earned, bytesPerSecond / 10);
    if (allowance > 0 && !waiting) from.resume();
  }, tickMs);
  return () => clearInterval(timer);
}
