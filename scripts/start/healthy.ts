import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

const readyLimitMs = 60_000;
const requestLimitMs = 10_000;
const readyPollMs = 50;

/** Waits until the app answers its health check with 200; `ca` is the PEM of what to trust. */
export async function untilHealthy(baseUrl: string, ca?: string): Promise<void> {
  const deadlineMs = Date.now() + readyLimitMs;
  let last = "no answer";
  while (Date.now() < deadlineMs) {
    try {
      const { status, body } = await read(`${baseUrl}/healthz`, ca);
      if (status === 200) return;
      last = `${status} ${body}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(readyPollMs);
  }
  throw new Error(`pgvault was not healthy within ${readyLimitMs / 1000} s: ${last}`);
}

/** Node's fetch trusts no certificate beyond those of the process. */
function read(url: string, ca: string | undefined): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const signal = AbortSignal.timeout(requestLimitMs);
  const request = url.startsWith("https:")
    ? getHttps(url, { signal, ...(ca === undefined ? {} : { ca }) })
    : getHttp(url, { signal });
  request.on("error", reject);
  request.on("response", (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  return promise;
}
