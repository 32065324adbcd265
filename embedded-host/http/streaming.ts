import { randomUUID } from "node:crypto";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { pipeline } from "node:stream/promises";
import type { TypedData } from "../core/worker-port.ts";
import type { InvokeFunction } from "../invocations.ts";
import { HOP_BY_HOP_HEADERS, sendEmpty } from "./answer.ts";
import type { HttpCall } from "./buffered.ts";
import { headersOf, queryOf } from "./buffered.ts";

const INVOCATION_ID_HEADER = "x-ms-invocation-id";
/**
 * An invocation whose handler returned nothing ends like any other, but its request at the library
 * stays open. A real answer is on its way by then, through a socket within this machine.
 */
const ANSWER_GRACE_MS = 500;

/**
 * The mode that the app chooses by `enableHttpStream`: the library runs an HTTP server of its own
 * (`httpUri`); the raw request is forwarded there while the function is invoked under the same id.
 */
export async function callStreaming(
  call: HttpCall,
  invoke: InvokeFunction,
  httpUri: string,
): Promise<void> {
  const invocationId = randomUUID();
  const exchange = forward(call, httpUri, invocationId);
  const invocation = invoke(
    call.match.fn,
    { http: {} },
    { invocationId, triggerMetadata: triggerMetadataOf(call) },
  );
  try {
    // The library never sees a request that could not be forwarded: its invocation would not end.
    await Promise.race([invocation, exchange.failed]);
  } catch (error) {
    invocation.catch(() => undefined);
    endUnanswered(call, exchange, 500);
    throw error;
  }
  if (await hasAnswer(exchange)) await exchange.relayed;
  else endUnanswered(call, exchange, 204);
}

interface Exchange {
  readonly proxied: ClientRequest;
  /** Resolves when the answer's head arrived. */
  readonly answered: Promise<void>;
  /** Resolves when the answer reached the client, or broke. Pending while there is none. */
  readonly relayed: Promise<void>;
  /** Rejects when the request cannot be forwarded and the client still waits. */
  readonly failed: Promise<never>;
}

function forward(call: HttpCall, httpUri: string, invocationId: string): Exchange {
  const { request, response, url } = call;
  const answered = Promise.withResolvers<void>();
  const relayed = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const proxied = httpRequest(new URL(`${url.pathname}${url.search}`, httpUri), {
    method: request.method ?? "GET",
    headers: forwardedHeaders(call, invocationId),
    agent: false,
  });
  proxied.on("response", (answer) => {
    answered.resolve();
    relay(call, answer).then(relayed.resolve, relayed.resolve);
  });
  // The rest of a body that nobody read must not block the client's next request.
  proxied.on("close", () => request.unpipe(proxied).resume());
  proxied.on("error", (cause) => {
    if (response.destroyed || response.headersSent) return;
    failed.reject(new Error(`The app's HTTP server broke off: ${cause.message}`, { cause }));
  });
  proxied.flushHeaders();
  // Not a pipeline: when the app answers early, the client's connection must survive.
  request.pipe(proxied);
  response.once("close", () => abortForwarded(proxied));
  return {
    proxied,
    answered: answered.promise,
    relayed: relayed.promise,
    failed: failed.promise,
  };
}

/** The head must have been sent first: without it the library would wait for the request for ever. */
function abortForwarded(proxied: ClientRequest): void {
  if (proxied.socket === null || proxied.socket.connecting) {
    proxied.once("socket", (socket) => {
      socket.once("connect", () => setImmediate(() => proxied.destroy()));
    });
    proxied.socket?.once("connect", () => setImmediate(() => proxied.destroy()));
  } else {
    setImmediate(() => proxied.destroy());
  }
}

async function relay({ response }: HttpCall, answer: IncomingMessage): Promise<void> {
  if (response.headersSent || response.destroyed) {
    answer.destroy();
    return;
  }
  for (const [name, value] of Object.entries(answer.headersDistinct)) {
    if (HOP_BY_HOP_HEADERS.has(name) || name === INVOCATION_ID_HEADER) continue;
    if (value !== undefined)
      response.setHeader(name, value.length === 1 ? (value[0] ?? "") : value);
  }
  response.writeHead(answer.statusCode ?? 200);
  response.flushHeaders();
  // Destroys both sides if either breaks: the client sees a cut answer as cut.
  await pipeline(answer, response);
}

async function hasAnswer({ answered }: Exchange): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    // After a blocked event loop the answer may wait in the socket: let it be read first.
    setImmediate(() => setImmediate(() => late.resolve(false)));
  }, ANSWER_GRACE_MS);
  const result = await Promise.race([answered.then(() => true), late.promise]);
  clearTimeout(timer);
  return result;
}

/** The library left the forwarded request open: answer the client, then cut that request. */
function endUnanswered({ response }: HttpCall, exchange: Exchange, status: number): void {
  if (!response.headersSent) sendEmpty(response, status);
  else if (!response.writableEnded) response.destroy();
  abortForwarded(exchange.proxied);
}

function forwardedHeaders(call: HttpCall, invocationId: string): OutgoingHttpHeaders {
  const { request, url } = call;
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (HOP_BY_HOP_HEADERS.has(name) || name === "host" || name === "expect") continue;
    headers[name] = value;
  }
  if (request.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = "chunked";
  // With "close" the library's server resets the connection after an answer that came before the
  // whole body was read, and the answer is lost.
  headers["connection"] = "keep-alive";
  headers[INVOCATION_ID_HEADER] = invocationId;
  headers["x-forwarded-host"] = url.host;
  headers["x-forwarded-proto"] = url.protocol.slice(0, -1);
  return headers;
}

/** The handler's headers and route parameters come from here, not from the forwarded request. */
function triggerMetadataOf({ request, url, match }: HttpCall): Record<string, TypedData> {
  const params = Object.entries(match.params).map(([name, value]) => [name, { string: value }]);
  return {
    ...Object.fromEntries(params),
    Headers: { json: JSON.stringify(headersOf(request)) },
    Query: { json: JSON.stringify(queryOf(url)) },
  };
}
