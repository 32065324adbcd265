import { setTimeout as sleep } from "node:timers/promises";

const readyLimitMs = 60_000;
const readyPollMs = 50;

/** Waits until the app answers its health check with 200. */
export async function untilHealthy(baseUrl: string): Promise<void> {
  const deadlineMs = Date.now() + readyLimitMs;
  let last = "no answer";
  while (Date.now() < deadlineMs) {
    const answer = await fetch(`${baseUrl}/healthz`).catch((error: unknown) => error);
    if (answer instanceof Response) {
      last = `${answer.status} ${await answer.text()}`;
      if (answer.status === 200) return;
    } else last = String(answer);
    await sleep(readyPollMs);
  }
  throw new Error(`pgvault was not healthy within ${readyLimitMs / 1000} s: ${last}`);
}
