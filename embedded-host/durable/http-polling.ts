import type { DurableHttpCall } from "./actions.ts";

/** Result of a durable HTTP call, as the SDK reads it. */
export interface DurableHttpResult {
  statusCode: number;
  headers: Record<string, string>;
  content: string;
}

/**
 * The automatic polling of durable HTTP: 202 with a Location is asked again there after
 * Retry-After seconds. Returns undefined when the answer is final.
 */
export function nextPoll(
  call: DurableHttpCall,
  resultText: string | null,
  defaultDelayMs: number,
): { delayMs: number; call: DurableHttpCall } | undefined {
  if (call.asynchronousPatternEnabled === false || resultText === null) return undefined;
  const result = parseHttpResult(resultText);
  const location = header(result.headers, "location");
  if (result.statusCode !== 202 || location === undefined) return undefined;
  const retryAfterSeconds = Number(header(result.headers, "retry-after"));
  return {
    delayMs: retryAfterSeconds >= 0 ? retryAfterSeconds * 1000 : defaultDelayMs,
    call: {
      method: "GET",
      // An unusable address is asked for all the same: the failing call tells the app what it got.
      uri: URL.canParse(location, call.uri) ? new URL(location, call.uri).href : location,
      // A function key opens one function only; the status address brings its own.
      ...(call.headers === undefined ? {} : { headers: without(call.headers, "x-functions-key") }),
      ...(call.tokenSource === undefined ? {} : { tokenSource: call.tokenSource }),
      asynchronousPatternEnabled: true,
    },
  };
}

function parseHttpResult(text: string): DurableHttpResult {
  return JSON.parse(text) as DurableHttpResult;
}

function header(headers: Record<string, string>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}
