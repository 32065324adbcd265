import type { ServerResponse } from "node:http";
import type { RpcHttp, TypedData } from "../core/worker-port.ts";
import { formatCookie } from "./cookie.ts";

/** Headers that describe one connection and are never passed on. */
export const HOP_BY_HOP_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { "content-length": "0" });
  response.end();
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  contentType: string,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value), "application/json; charset=utf-8");
}

/** What the app's handler returned, as the library presents it in buffered mode. */
export function sendRpcHttp(response: ServerResponse, http: RpcHttp): void {
  const status = Number(http.statusCode ?? 200);
  const cookies = (http.cookies ?? []).map(formatCookie);
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP_HEADERS.has(lower) || lower === "content-length") continue;
    if (lower === "set-cookie") response.appendHeader(lower, value);
    else response.setHeader(name, value);
  }
  const body = bytesOf(http.body);
  if (status === 204 || status === 304 || status < 200) {
    response.writeHead(status).end();
    return;
  }
  response.setHeader("content-length", body.length);
  response.writeHead(status);
  response.end(body);
}

function bytesOf(data: TypedData | undefined): Buffer {
  if (data === undefined) return Buffer.alloc(0);
  if ("bytes" in data && data.bytes instanceof Uint8Array) return Buffer.from(data.bytes);
  for (const value of Object.values(data)) {
    if (typeof value === "string" || typeof value === "number") return Buffer.from(String(value));
  }
  return Buffer.alloc(0);
}
