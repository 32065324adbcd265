import type { DurableHttpCall } from "./actions.ts";
import type { DurableHttpResult } from "./http-polling.ts";

/** As the .NET HttpClient's default. */
const HTTP_CALL_TIMEOUT_MS = 100_000;

/** The built-in activity behind `callHttp`; any HTTP status is a result, no answer is an error. */
export async function runHttpActivity(inputText: string | null): Promise<string> {
  const call = parseCall(inputText ?? "{}");
  if (call.tokenSource !== undefined && call.tokenSource !== null) {
    throw new Error(
      "callHttp with a tokenSource needs a managed identity, which the embedded host does not have. Send an Authorization header instead.",
    );
  }
  const response = await fetch(call.uri, {
    method: call.method,
    ...(call.headers === undefined ? {} : { headers: call.headers }),
    ...(call.content === undefined || call.content === "" ? {} : { body: call.content }),
    signal: AbortSignal.timeout(HTTP_CALL_TIMEOUT_MS),
  });
  const result: DurableHttpResult = {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    content: await response.text(),
  };
  return JSON.stringify(result);
}

function parseCall(text: string): DurableHttpCall {
  return JSON.parse(text) as DurableHttpCall;
}
