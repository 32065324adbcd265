import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { oneAhead } from "../../../../src/adapters/postgres/mover/one-ahead.ts";

/** Counts what was made; fails, or ends, where it is told to. */
function source(failsAt = Number.POSITIVE_INFINITY) {
  const state = { made: 0, closed: false };
  async function* items(): AsyncGenerator<number> {
    try {
      while (state.made < 5) {
        if (state.made === failsAt) throw new Error(`no item ${failsAt}`);
        state.made += 1;
        yield state.made;
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, items: items() };
}

describe("one ahead", () => {
  it("makes one item, and no more, while another is used", async () => {
    const { state, items } = source();
    const used: number[] = [];
    for await (const item of oneAhead(items)) {
      used.push(item);
      await setImmediate();
      expect(state.made).toBe(Math.min(item + 1, 5));
    }
    expect(used).toEqual([1, 2, 3, 4, 5]);
  });

  it("tells of a failure when the failed item is asked for, after those before it", async () => {
    const { state, items } = source(2);
    const used: number[] = [];
    const use = async () => {
      for await (const item of oneAhead(items)) {
        await setImmediate();
        used.push(item);
      }
    };
    await expect(use()).rejects.toThrow("no item 2");
    expect(used).toEqual([1, 2]);
    expect(state.closed).toBe(true);
  });

  it("closes the source of whoever stops early, and keeps a later failure to itself", async () => {
    const { state, items } = source(1);
    for await (const item of oneAhead(items)) {
      expect(item).toBe(1);
      break;
    }
    await setImmediate();
    expect(state.closed).toBe(true);
  });
});
