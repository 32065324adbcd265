import { setTimeout as sleep } from "node:timers/promises";
import { HostFailureError } from "../core/host-failure.ts";
import type { RetryOptions } from "../core/worker-port.ts";

/** Where an exponential strategy names no bounds. */
const DEFAULT_MINIMUM_SECONDS = 1;
const DEFAULT_MAXIMUM_SECONDS = 60;

export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
}

/**
 * Runs `attempt` until it succeeds or the function's retry options are used up (-1: never), then
 * rejects with its last error. A failure of the host is not retried: the process is about to end.
 */
export async function runWithRetries<T>(
  options: RetryOptions | undefined,
  signal: AbortSignal,
  attempt: (context: RetryContext | undefined) => Promise<T>,
): Promise<T> {
  if (options === undefined) return attempt(undefined);
  for (let retryCount = 0; ; retryCount++) {
    try {
      const context = { retryCount, maxRetryCount: options.maxRetryCount };
      return await attempt(retryCount === 0 ? undefined : context);
    } catch (error) {
      const isUsedUp = options.maxRetryCount >= 0 && retryCount >= options.maxRetryCount;
      if (isUsedUp || error instanceof HostFailureError) throw error;
      try {
        await sleep(retryDelayMs(options, retryCount), undefined, { signal });
      } catch {
        throw new HostFailureError("shutdown", "The host stopped between two retries.");
      }
    }
  }
}

/** Delay after the attempt with that number, 0 for the first. */
export function retryDelayMs(options: RetryOptions, retryCount: number): number {
  if (options.retryStrategy === "fixedDelay") return (options.delayInterval?.seconds ?? 0) * 1000;
  const minimum = options.minimumInterval?.seconds ?? DEFAULT_MINIMUM_SECONDS;
  const maximum = options.maximumInterval?.seconds ?? DEFAULT_MAXIMUM_SECONDS;
  return Math.min(minimum * 2 ** retryCount, maximum) * 1000;
}
