import { Agent, request } from "node:http";
import { percentile } from "./percentile.ts";

export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** As many callers as ask at once; each sends its next request when the last is answered. */
export const connections = 16;
const warmUpMs = 3_000;
const measureMs = 6_000;

/** Requests of 16 callers over kept-alive connections; every answer must be 200. */
export async function loadOverHttp(url: string, token: string): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await load(() => get(agent, url, token));
  } finally {
    agent.destroy();
  }
}

/** The same callers without a network: what the code alone takes. */
export async function load(send: () => Promise<unknown>): Promise<Load> {
  await runFor(warmUpMs, send);
  const startedAt = performance.now();
  const timesMs = await runFor(measureMs, send);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    requestsPerSecond: Math.round(timesMs.length / seconds),
    p50Ms: percentile(timesMs, 50),
    p99Ms: percentile(timesMs, 99),
  };
}

async function runFor(durationMs: number, send: () => Promise<unknown>): Promise<number[]> {
  const timesMs: number[] = [];
  const endAt = performance.now() + durationMs;
  const caller = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      await send();
      timesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  return timesMs;
}

function get(agent: Agent, url: string, token: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
    response.resume();
    response.on("error", reject);
    response.on("end", () => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`GET ${url} answered ${response.statusCode}`));
    });
  })
    .on("error", reject)
    .end();
  return promise;
}
