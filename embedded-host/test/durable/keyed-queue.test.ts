import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { KeyedQueue } from "../../durable/keyed-queue.ts";

function recordingQueue(maxConcurrent: number, work: (key: string) => Promise<void>) {
  const state = {
    running: new Set<string>(),
    most: 0,
    runs: [] as string[],
    fatal: [] as unknown[],
  };
  const queue = new KeyedQueue<string>({
    maxConcurrent,
    onFatal: (error) => state.fatal.push(error),
    run: async (key) => {
      expect(state.running.has(key), `${key} runs twice at once`).toBe(false);
      state.running.add(key);
      state.most = Math.max(state.most, state.running.size);
      state.runs.push(key);
      await work(key).finally(() => state.running.delete(key));
    },
  });
  return { queue, state };
}

/** The queue starts work in the next turn of the event loop. */
const started = () => new Promise((resolve) => setImmediate(resolve));

describe("a keyed queue", () => {
  it("keeps to its limit and runs every key", async () => {
    const { queue, state } = recordingQueue(3, () => sleep(2));
    for (let n = 0; n < 20; n += 1) queue.wake(`k${n}`);
    await expect.poll(() => state.runs.length).toBe(20);
    expect(state.most).toBe(3);
  });

  it("runs a key that was woken while it ran exactly once more", async () => {
    const { queue, state } = recordingQueue(5, () => sleep(5));
    queue.wake("a");
    await started();
    queue.wake("a");
    queue.wake("a");
    await sleep(30);
    expect(state.runs).toEqual(["a", "a"]);
  });

  it("starts nothing within the current turn of the event loop", async () => {
    const { queue, state } = recordingQueue(5, () => Promise.resolve());
    queue.wake("a");
    await Promise.resolve();
    expect(state.runs).toEqual([]);
  });

  it("reports a failure and goes on", async () => {
    const { queue, state } = recordingQueue(1, (key) =>
      key === "bad" ? Promise.reject(new Error("boom")) : Promise.resolve(),
    );
    queue.wake("bad");
    queue.wake("good");
    await expect.poll(() => state.runs).toEqual(["bad", "good"]);
    expect(state.fatal).toMatchObject([{ message: "boom" }]);
  });

  it("starts nothing after stop and tells when it is idle", async () => {
    const { queue, state } = recordingQueue(1, () => sleep(10));
    queue.wake("a");
    queue.wake("b");
    await started();
    queue.stop();
    await queue.whenIdle();
    queue.wake("c");
    await sleep(20);
    expect(state.runs).toEqual(["a"]);
  });
});
