import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { WriteLog } from "../core/log.ts";
import type { RegisteredFunction } from "../core/worker-port.ts";
import type { DurableHost } from "../durable/durable-host.ts";
import type { InvokeFunction } from "../invocations.ts";
import { describeError } from "../json-file.ts";
import { receiveEventGrid } from "../triggers/event-grid.ts";
import type { AdminContext } from "./admin.ts";
import { handleAdmin } from "./admin.ts";
import { sendEmpty, sendJson, sendText } from "./answer.ts";
import { callBuffered } from "./buffered.ts";
import type { CorsSettings } from "./cors.ts";
import { applyCors } from "./cors.ts";
import { callDurable, PUBLIC_DURABLE_PATH } from "./durable-mount.ts";
import type { AccessLevel, HostKeys } from "./keys.ts";
import { functionAccess, isAuthorized } from "./keys.ts";
import { BodyTooLargeError, ClientGoneError, readBody } from "./request-body.ts";
import type { Router } from "./router.ts";
import { callStreaming } from "./streaming.ts";

export interface ServeContext {
  readonly router: Router;
  readonly functions: readonly RegisteredFunction[];
  readonly invoke: InvokeFunction;
  readonly durable: DurableHost;
  readonly admin: AdminContext;
  /** undefined: every caller is trusted, as in Core Tools. */
  readonly keys: HostKeys | undefined;
  readonly cors: CorsSettings;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly httpUri: string | undefined;
  readonly scheme: "http" | "https";
  readonly bodyLimitBytes: number;
  readonly isHomepageOff: boolean;
  readonly log: WriteLog;
}

/** How long a client may go on sending a body that was already refused. */
const DISCARD_LIMIT_MS = 10_000;

type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL };

/** Answers one request on the public port. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  context: ServeContext,
): Promise<void> {
  for (const [name, value] of Object.entries(context.customHeaders)) {
    response.setHeader(name, value);
  }
  const isPreflight = applyCors(context.cors, request, response);
  const initialHeaders = response.getHeaders();
  try {
    const url = requestUrl(request, context.scheme);
    if (url === undefined) sendEmpty(response, 400);
    else if (isPreflight) response.end();
    else await dispatch({ request, response, url }, context);
  } catch (error) {
    answerFailure(error, { request, response, initialHeaders }, context.log);
  }
}

async function dispatch(exchange: Exchange, context: ServeContext): Promise<void> {
  const { request, response, url } = exchange;
  const path = url.pathname.toLowerCase();
  const isOfHost = isBelow(path, "/admin") || isBelow(path, "/runtime");
  if (isOfHost && isForeignPage(exchange, context)) return sendEmpty(response, 403);
  if (isBelow(path, "/admin")) return serveAdmin(exchange, context);
  if (isBelow(path, "/runtime/webhooks")) return serveWebhook(exchange, context);
  const match = context.router.match(request.method ?? "GET", url.pathname);
  if (match !== undefined) {
    if (!passes(exchange, functionAccess(match.fn), context)) return sendEmpty(response, 401);
    const call = { request, response, url, match };
    return context.httpUri === undefined
      ? callBuffered(call, context.invoke, context.bodyLimitBytes)
      : callStreaming(call, context.invoke, context.httpUri);
  }
  if (path !== "/") return sendEmpty(response, 404);
  // Like the real host: a function that claims "/" wins, else the host introduces itself.
  if (context.isHomepageOff) sendEmpty(response, 204);
  else sendText(response, 200, HOME_PAGE, "text/html; charset=utf-8");
}

const HOME_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Functions app</title></head>
<body><h1>Your Functions app is up and running</h1></body></html>
`;

async function serveAdmin(exchange: Exchange, context: ServeContext): Promise<void> {
  const { request, response, url } = exchange;
  const path = url.pathname.replace(/^\/admin\/?|\/$/gi, "");
  const isPing = path.toLowerCase() === "host/ping";
  if (!isPing && !passes(exchange, { kind: "master" }, context)) return sendEmpty(response, 401);
  const body = (await readBody(request, context.bodyLimitBytes)).toString("utf8");
  const method = request.method ?? "GET";
  const answer = handleAdmin({ method, path, body, origin: url.origin }, context.admin);
  if (answer.json === undefined) sendEmpty(response, answer.status);
  else sendJson(response, answer.status, answer.json);
}

async function serveWebhook(exchange: Exchange, context: ServeContext): Promise<void> {
  const { request, response, url } = exchange;
  const extension = url.pathname.split("/")[3]?.toLowerCase() ?? "";
  if (!passes(exchange, { kind: "system", extension }, context)) return sendEmpty(response, 401);
  const { durable, bodyLimitBytes, functions, invoke, log } = context;
  if (extension === "durabletask") {
    const mountPath = PUBLIC_DURABLE_PATH;
    return callDurable(request, response, { durable, url, mountPath, bodyLimitBytes });
  }
  if (extension !== "eventgrid" || request.method !== "POST") return sendEmpty(response, 404);
  const eventType = request.headers["aeg-event-type"];
  const body = (await readBody(request, bodyLimitBytes)).toString("utf8");
  const answer = await receiveEventGrid(
    {
      functionName: url.searchParams.get("functionName"),
      eventType: typeof eventType === "string" ? eventType : undefined,
      body,
    },
    functions,
    invoke,
    log,
  );
  if (answer.body === undefined) sendEmpty(response, answer.status);
  else sendText(response, answer.status, answer.body, "application/json; charset=utf-8");
}

function passes({ request, url }: Exchange, level: AccessLevel, context: ServeContext): boolean {
  if (context.keys === undefined) return true;
  const header = request.headers["x-functions-key"];
  const presented = typeof header === "string" ? header : url.searchParams.get("code");
  return isAuthorized(context.keys, level, presented);
}

/**
 * Without keys every local caller is trusted, but not every web page that the developer's browser
 * shows: those could otherwise post to the host's own endpoints, under a name of their own that
 * leads to this machine (DNS rebinding) or across origins.
 */
function isForeignPage({ request, url }: Exchange, { keys, cors }: ServeContext): boolean {
  if (keys !== undefined) return false;
  if (!LOCAL_NAMES.includes(url.hostname)) return true;
  const { origin } = request.headers;
  if (origin === undefined || origin === url.origin) return false;
  return !cors.origins.includes(origin) && !cors.origins.includes("*");
}

const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];

function answerFailure(
  error: unknown,
  exchange: Pick<Exchange, "request" | "response"> & { initialHeaders: OutgoingHttpHeaders },
  log: WriteLog,
): void {
  if (error instanceof ClientGoneError) return;
  const { request, response, initialHeaders } = exchange;
  const isTooLarge = error instanceof BodyTooLargeError;
  log({
    level: isTooLarge ? "warning" : "error",
    category: "system",
    message: `${request.method} ${request.url}: ${describeError(error)}`,
  });
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
    return;
  }
  // What a half-presented answer left behind goes; CORS and custom headers stay.
  for (const name of response.getHeaderNames()) {
    const initial = initialHeaders[name];
    if (initial === undefined) response.removeHeader(name);
    else response.setHeader(name, initial);
  }
  discardRest(request);
  sendEmpty(response, isTooLarge ? 413 : 500);
}

/** Reads on, so that the client can finish sending and then see the answer; not for ever. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), DISCARD_LIMIT_MS);
  request.once("close", () => clearTimeout(timer));
  request.resume();
}

function requestUrl(request: IncomingMessage, scheme: string): URL | undefined {
  const host = request.headers.host ?? "localhost";
  const target = request.url ?? "/";
  try {
    // A proxy's absolute form names the host itself.
    return new URL(target.startsWith("/") ? `${scheme}://${host}${target}` : target);
  } catch {
    return undefined;
  }
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
