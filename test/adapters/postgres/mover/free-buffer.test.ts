import { describe, expect, it } from "vitest";
import { freeBuffer } from "../../../../src/adapters/postgres/mover/free-buffer.ts";

describe("freeBuffer", () => {
  it("empties a buffer that is all of its memory", () => {
    const whole = Buffer.allocUnsafeSlow(1024);
    freeBuffer(whole);
    expect(whole).toHaveLength(0);
    expect(whole.buffer.byteLength).toBe(0);
  });

  it.each([
    ["begins later", 1, 16],
    ["ends earlier", 0, 15],
  ])("leaves a view that %s alone, others may share its memory", (_case, start, end) => {
    const memory = Buffer.allocUnsafeSlow(16).fill("kept");
    const view = memory.subarray(start, end);
    freeBuffer(view);
    expect(view).toHaveLength(end - start);
    expect(memory.toString()).toBe("kept".repeat(4));
  });

  it("may be called twice", () => {
    const whole = Buffer.allocUnsafeSlow(8);
    freeBuffer(whole);
    freeBuffer(whole);
    expect(whole).toHaveLength(0);
  });
});
