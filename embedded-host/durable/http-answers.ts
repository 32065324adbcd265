import type { DurableHttpResponse } from "./durable-host.ts";

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): DurableHttpResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

export function problem(status: number, message: string): DurableHttpResponse {
  return json(status, { message });
}

export function empty(status: number): DurableHttpResponse {
  return { status, headers: {}, body: "" };
}

/** One page of a list with the token of the next, if there is one. */
export function page(items: readonly unknown[], nextAfterId: string | undefined) {
  const token = nextAfterId === undefined ? undefined : Buffer.from(nextAfterId).toString("base64");
  return json(200, items, token === undefined ? {} : { "x-ms-continuation-token": token });
}

export function readContinuation(headers: Readonly<Record<string, string>>): string {
  const token = Object.entries(headers).find(
    ([name]) => name.toLowerCase() === "x-ms-continuation-token",
  )?.[1];
  return token === undefined ? "" : Buffer.from(token, "base64").toString();
}

/** Epoch ms, undefined if absent, "invalid" if it is no date. */
export function readInstant(query: URLSearchParams, name: string): number | undefined | "invalid" {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  // A plus sign in a query reads as a space; .NET clients send offsets such as +00:00.
  const epochMs = Date.parse(text.replace(" ", "+"));
  return Number.isNaN(epochMs) ? "invalid" : epochMs;
}

export function readFlag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const text = query.get(name)?.toLowerCase();
  return text === undefined || text === "" ? otherwise : text === "true" || text === "1";
}

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

export function readTop(query: URLSearchParams): number {
  const top = Number(query.get("top") ?? DEFAULT_PAGE);
  return Number.isInteger(top) && top > 0 ? Math.min(top, MAX_PAGE) : DEFAULT_PAGE;
}

/** Whether the text can be stored as JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
