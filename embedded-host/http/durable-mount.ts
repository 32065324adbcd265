import type { IncomingMessage, ServerResponse } from "node:http";
import type { DurableHost } from "../durable/durable-host.ts";
import { headersOf } from "./buffered.ts";
import { readBody } from "./request-body.ts";

/** Path below which the durable API is public. */
export const PUBLIC_DURABLE_PATH = "/runtime/webhooks/durabletask";
/** Path of the loopback-only listener that durable clients use. */
export const RPC_DURABLE_PATH = "/durabletask";

/** Passes one request on to the durable engine and sends its answer. */
export async function callDurable(
  request: IncomingMessage,
  response: ServerResponse,
  target: { durable: DurableHost; url: URL; mountPath: string; bodyLimitBytes: number },
): Promise<void> {
  const body = await readBody(request, target.bodyLimitBytes);
  const answer = await target.durable.handleHttp({
    method: request.method ?? "GET",
    path: target.url.pathname.slice(target.mountPath.length),
    query: target.url.searchParams,
    headers: headersOf(request),
    body: body.toString("utf8"),
    origin: target.url.origin,
  });
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.status === 204 ? {} : { "content-length": bytes.length }),
  });
  response.end(bytes);
}
