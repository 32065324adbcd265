import type { IncomingMessage, ServerResponse } from "node:http";
import type { InvocationResult, RpcHttp, TypedData } from "../core/worker-port.ts";
import type { InvokeFunction } from "../invocations.ts";
import { sendEmpty, sendRpcHttp } from "./answer.ts";
import { readBody } from "./request-body.ts";
import type { RouteMatch } from "./router.ts";

export interface HttpCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Absolute; host from the Host header. */
  readonly url: URL;
  readonly match: RouteMatch;
}

/** The default mode: request and response pass through the worker as one message each. */
export async function callBuffered(
  call: HttpCall,
  invoke: InvokeFunction,
  bodyLimitBytes: number,
): Promise<void> {
  const body = await readBody(call.request, bodyLimitBytes);
  // From here on the function runs to its end, even if the client goes away.
  const result = await invoke(call.match.fn, { http: toRpcHttp(call, body) });
  if (call.response.destroyed) return;
  const http = httpOf(result);
  if (http === undefined) sendEmpty(call.response, 204);
  else sendRpcHttp(call.response, http);
}

/** Undefined if the handler returned nothing. */
function httpOf(result: InvocationResult): RpcHttp | undefined {
  const value: TypedData | null | undefined = result.returnValue;
  if (value === null || value === undefined || !("http" in value)) return undefined;
  return typeof value.http === "object" ? value.http : undefined;
}

function toRpcHttp({ request, url, match }: HttpCall, body: Buffer): RpcHttp {
  return {
    method: request.method ?? "GET",
    url: url.href,
    nullableHeaders: nullable(headersOf(request)),
    nullableParams: nullable(match.params),
    nullableQuery: nullable(queryOf(url)),
    ...(body.length === 0 ? {} : { body: { bytes: body } }),
  };
}

/** Lower-case names; repeated headers joined as Node joins them. */
export function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/** Values of a repeated key are joined with commas. */
export function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of new Set(url.searchParams.keys())) {
    query[name] = url.searchParams.getAll(name).join(",");
  }
  return query;
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
