import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Longer than the idle time of usual clients, so that the client is the one to close. */
const KEEP_ALIVE_MS = 65_000;

export interface ListenOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: { key: Buffer; cert: Buffer } | undefined;
}

export interface Listener {
  readonly port: number;
  /** Exactly one handler serves; it may be exchanged while listening. */
  setHandler(handler: RequestHandler): void;
  /** Takes no more connections; resolves when all requests ended, or after `graceMs` by force. */
  close(graceMs: number): Promise<void>;
}

/** Must not reject: whatever happens, it answers. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts to listen at once; until there is a handler, requests are answered 503. */
export async function listen(options: ListenOptions): Promise<Listener> {
  let handler: RequestHandler = (_request, response) => {
    response.writeHead(503, { "retry-after": "1", "content-length": "0" }).end();
    return Promise.resolve();
  };
  let isClosing = false;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (isClosing) response.setHeader("connection", "close");
    response.once("close", () => {
      // The connection of a request that ran when closing began is idle a moment later.
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    void handler(request, response);
  };
  const server =
    options.tls === undefined
      ? createServer(onRequest)
      : createTlsServer({ ...options.tls }, onRequest);
  // Large uploads take their time; headersTimeout still ends connections that send nothing.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { port } = await startListening(server, options);
  return {
    port,
    setHandler(next) {
      handler = next;
    },
    async close(graceMs) {
      isClosing = true;
      await closeServer(server, graceMs);
    },
  };
}

async function startListening(server: Server, options: ListenOptions): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause: Error & { code?: string }) => {
    const reason = cause.code === "EADDRINUSE" ? "another process listens there" : cause.message;
    reject(new Error(`Cannot listen on ${options.address}:${options.port}: ${reason}.`, { cause }));
  });
  server.listen(options.port, options.address, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No TCP address.");
  return address;
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  const giveUp = new AbortController();
  const expired = sleep(graceMs, undefined, { signal: giveUp.signal }).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  await Promise.race([closed.promise, expired]);
  giveUp.abort();
  await closed.promise;
}
