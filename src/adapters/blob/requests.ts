import { setTimeout as sleep } from "node:timers/promises";
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { storageUnavailable } from "../../domain/blob-fault.ts";
import { FaultError } from "../../domain/fault.ts";
import {
  type RetryWorld,
  type StorageFailure,
  type StorageRetry,
  withStorageRetries,
} from "../../domain/storage-retry.ts";

/** Sends requests to one container: bounded attempts, each with a time limit. */
export interface BlobRequests {
  readonly client: ContainerClient;
  readonly retry: StorageRetry;
  /**
   * Rejects with FaultError `StorageUnavailable`, or with the SDK's own error for a permanent
   * refusal (see `errorCodeOf`). Creates the container when it turns out to be absent.
   */
  send<T>(
    attempt: (signal: AbortSignal, number: number) => Promise<T>,
    options?: { signal?: AbortSignal; limitMs?: number },
  ): Promise<T>;
}

export function createBlobRequests(client: ContainerClient, retry: StorageRetry): BlobRequests {
  let creation: Promise<unknown> | undefined;
  const create = async (): Promise<void> => {
    creation ??= withStorageRetries(retry, world, () => client.createIfNotExists());
    try {
      await creation;
    } finally {
      creation = undefined;
    }
  };

  return {
    client,
    retry,
    async send(attempt, { signal, limitMs = retry.attemptLimitMs } = {}) {
      const once = (number: number) => limited(attempt, number, limitMs, signal);
      try {
        return await withStorageRetries(retry, world, once, signal);
      } catch (error) {
        if (errorCodeOf(error) !== "ContainerNotFound") throw translate(error, signal);
      }
      try {
        await create();
        return await withStorageRetries(retry, world, once, signal);
      } catch (error) {
        throw translate(error, signal);
      }
    },
  };
}

/** Azure's code of a permanent refusal, such as `BlobNotFound`; for HEAD its status, `404`. */
export function errorCodeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const header = error.response?.headers.get("x-ms-error-code");
  return (
    header ?? error.code ?? (error.statusCode === undefined ? undefined : String(error.statusCode))
  );
}

export const statusOf = (error: unknown): number | undefined =>
  error instanceof RestError ? error.statusCode : undefined;

/** One attempt; a time-out of ours counts as a passing failure, the caller's abort does not. */
async function limited<T>(
  attempt: (signal: AbortSignal, number: number) => Promise<T>,
  number: number,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    return await attempt(
      signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]),
      number,
    );
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    throw new TimedOut(`no answer within ${limitMs} ms`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

class TimedOut extends Error {
  readonly code = "ETIMEDOUT";
}

export const world: RetryWorld = {
  wait: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  random: () => Math.random(),
  describe,
};

function describe(error: unknown): StorageFailure {
  const message = error instanceof Error ? firstLine(error.message) : String(error);
  if (!(error instanceof RestError)) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    return { message, ...(code === undefined ? {} : { code }) };
  }
  const { statusCode, code } = error;
  const seconds = Number(error.response?.headers.get("retry-after"));
  return {
    message,
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(code === undefined ? {} : { code }),
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

/** Refusals that no method of ours expects become faults; the expected ones stay readable. */
function translate(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof FaultError || signal?.aborted === true) return error;
  const status = statusOf(error);
  if (status !== undefined && [400, 404, 409, 412, 416].includes(status)) return error;
  return new FaultError(storageUnavailable(describe(error).message), { cause: error });
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
