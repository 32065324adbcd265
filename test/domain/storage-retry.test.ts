import { describe, expect, it } from "vitest";
import { FaultError, fault } from "../../src/domain/fault.ts";
import {
  defaultStorageRetry,
  isPassing,
  type RetryWorld,
  retryDelayMs,
  type StorageFailure,
  withStorageRetries,
} from "../../src/domain/storage-retry.ts";

class Failure extends Error {
  readonly failure: StorageFailure;
  constructor(failure: Partial<StorageFailure>) {
    super("failed");
    this.failure = { message: "it failed", ...failure };
  }
}

function world(): RetryWorld & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    wait: async (ms) => void waits.push(ms),
    random: () => 1,
    describe: (error) => (error instanceof Failure ? error.failure : { message: String(error) }),
  };
}

const failing = (times: number, failure: Partial<StorageFailure>) => {
  let number = 0;
  return async () => {
    number += 1;
    if (number <= times) throw new Failure(failure);
    return `attempt ${number}`;
  };
};

describe("retrying a storage request", () => {
  it("waits longer each time, up to a limit, and then answers", async () => {
    const here = world();
    const outcome = withStorageRetries(defaultStorageRetry, here, failing(6, { status: 503 }));
    expect(await outcome).toBe("attempt 7");
    expect(here.waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
  });

  it("gives up as StorageUnavailable with the last reason", async () => {
    const here = world();
    const outcome = withStorageRetries(
      defaultStorageRetry,
      here,
      failing(99, { code: "ECONNRESET" }),
    );
    await expect(outcome).rejects.toMatchObject({
      fault: {
        code: "StorageUnavailable",
        message: expect.stringContaining("it failed (7 attempts)"),
      },
    });
    expect(here.waits).toHaveLength(6);
  });

  it("rethrows a permanent refusal at once, as it is", async () => {
    const here = world();
    const outcome = withStorageRetries(defaultStorageRetry, here, failing(1, { status: 409 }));
    await expect(outcome).rejects.toBeInstanceOf(Failure);
    expect(here.waits).toEqual([]);
  });

  it("never retries a fault that was decided below", async () => {
    const decided = new FaultError(fault("Conflict", { resource: "x" }));
    const outcome = withStorageRetries(defaultStorageRetry, world(), () => Promise.reject(decided));
    await expect(outcome).rejects.toBe(decided);
  });

  it("stops when the caller aborts, with the caller's reason", async () => {
    const abort = new AbortController();
    const here = { ...world(), wait: async () => abort.abort(new Error("lease lost")) };
    const outcome = withStorageRetries(
      defaultStorageRetry,
      here,
      failing(9, { status: 503 }),
      abort.signal,
    );
    await expect(outcome).rejects.toThrow("lease lost");
  });

  it.each([
    [{ status: 503, retryAfterMs: 9_000 }, 9_000],
    [{ status: 503, retryAfterMs: 3_600_000 }, 60_000],
    [{ status: 503, retryAfterMs: 1 }, 125],
  ])("heeds what the service asks for in %j", (failure, delayMs) => {
    expect(retryDelayMs(defaultStorageRetry, 1, { message: "", ...failure }, 0)).toBe(delayMs);
  });

  it.each([
    [{ status: 408 }, true],
    [{ status: 429 }, true],
    [{ status: 500 }, true],
    [{ status: 503, code: "ServerBusy" }, true],
    [{ code: "ETIMEDOUT" }, true],
    [{ status: 400 }, false],
    [{ status: 403 }, false],
    [{ status: 404, code: "BlobNotFound" }, false],
    [{ status: 412 }, false],
    [{}, false],
  ])("calls %j passing: %s", (failure, passing) => {
    expect(isPassing({ message: "", ...failure })).toBe(passing);
  });
});
