import { storageUnavailable } from "./blob-fault.ts";
import { FaultError } from "./fault.ts";

/** How long an adapter keeps asking a storage account before it gives up. */
export interface StorageRetry {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** One attempt; an upload gets more by its size. */
  readonly attemptLimitMs: number;
}

/** Rides out about 15 s of outage. */
export const defaultStorageRetry: StorageRetry = {
  attempts: 7,
  firstDelayMs: 250,
  maxDelayMs: 5_000,
  attemptLimitMs: 30_000,
};

/** What is known of a failed request. */
export interface StorageFailure {
  readonly status?: number;
  /** Azure's error code or Node's, such as `BlobNotFound` or `ECONNRESET`. */
  readonly code?: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The outside world, for a loop that has none. */
export interface RetryWorld {
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 to 1. */
  random(): number;
  describe(error: unknown): StorageFailure;
}

/**
 * Repeats `attempt` while its failures are of the passing kind. Permanent ones are rethrown as they
 * are, for the caller to translate; `StorageUnavailable` when the attempts are used up.
 */
export async function withStorageRetries<T>(
  settings: StorageRetry,
  world: RetryWorld,
  attempt: (number: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FaultError) throw error;
      const failure = world.describe(error);
      if (!isPassing(failure)) throw error;
      if (number >= settings.attempts) {
        const detail = `${failure.message} (${number} attempts)`;
        throw new FaultError(storageUnavailable(detail), { cause: error });
      }
      await world.wait(retryDelayMs(settings, number, failure, world.random()), signal);
    }
  }
}

/** Exponential with jitter over its upper half; never sooner than the service asked for. */
export function retryDelayMs(
  settings: StorageRetry,
  number: number,
  failure: StorageFailure,
  random: number,
): number {
  const step = Math.min(settings.maxDelayMs, settings.firstDelayMs * 2 ** (number - 1));
  return Math.max(step * (0.5 + random / 2), Math.min(failure.retryAfterMs ?? 0, 60_000));
}

const passingStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/** No status at all means that no answer came: cut, refused, unresolved or timed out. */
export const isPassing = (failure: StorageFailure): boolean =>
  failure.status === undefined
    ? failure.code !== undefined
    : passingStatuses.includes(failure.status);
