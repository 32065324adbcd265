import { describe, expect, it } from "vitest";
import { HostFailureError } from "../../core/host-failure.ts";
import type { RetryOptions } from "../../core/worker-port.ts";
import { retryDelayMs, runWithRetries } from "../../triggers/retry.ts";

const fixed = (maxRetryCount: number): RetryOptions => ({
  maxRetryCount,
  retryStrategy: "fixedDelay",
  delayInterval: { seconds: 0 },
});

async function attempts(
  options: RetryOptions | undefined,
  failures: number,
  error = new Error("x"),
) {
  const contexts: unknown[] = [];
  const outcome = await runWithRetries(options, new AbortController().signal, (context) => {
    contexts.push(context);
    return contexts.length <= failures ? Promise.reject(error) : Promise.resolve("done");
  }).catch((reason: unknown) => reason);
  return { contexts, outcome };
}

describe("retry options of a function", () => {
  it("run it again with the count of retries until it succeeds", async () => {
    const { contexts, outcome } = await attempts(fixed(3), 2);
    expect(outcome).toBe("done");
    expect(contexts).toEqual([
      undefined,
      { retryCount: 1, maxRetryCount: 3 },
      { retryCount: 2, maxRetryCount: 3 },
    ]);
  });

  it.each([
    ["absent: one attempt", undefined, 1],
    ["used up: the last error", fixed(2), 3],
  ])("%s", async (_what, options, expected) => {
    const { contexts, outcome } = await attempts(options, 10);
    expect(contexts).toHaveLength(expected);
    expect(outcome).toMatchObject({ message: "x" });
  });

  it("without end go on for -1", async () => {
    expect((await attempts(fixed(-1), 50)).outcome).toBe("done");
  });

  it("do not repeat what the host itself broke off", async () => {
    const { contexts } = await attempts(fixed(5), 10, new HostFailureError("timeout", "t"));
    expect(contexts).toHaveLength(1);
  });

  it("end their wait when the host stops", async () => {
    const stopping = new AbortController();
    const options = { ...fixed(5), delayInterval: { seconds: 600 } };
    const run = runWithRetries(options, stopping.signal, () => Promise.reject(new Error("x")));
    stopping.abort();
    await expect(run).rejects.toBeInstanceOf(HostFailureError);
  });

  it("double an exponential delay between their bounds", () => {
    const options: RetryOptions = {
      maxRetryCount: 9,
      retryStrategy: "exponentialBackoff",
      minimumInterval: { seconds: 2 },
      maximumInterval: { seconds: 10 },
    };
    expect([0, 1, 2, 3, 4].map((count) => retryDelayMs(options, count))).toEqual([
      2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
  });
});
