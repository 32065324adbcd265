import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createByteCursor } from "../../../../src/adapters/postgres/mover/byte-cursor.ts";

const quiet = new AbortController().signal;

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
  yield Uint8Array.from(bytes.subarray(at));
}

describe("a byte cursor", () => {
  it("takes and skips parts of any length, however the stream is cut", async () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(40)));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.nat(50)),
        steps,
        async (bytes, sizes, wanted) => {
          const cursor = createByteCursor(cut(bytes, sizes), quiet);
          let at = 0;
          for (const [takes, length] of wanted) {
            if (takes) {
              const taken = await cursor.take(length);
              expect([...taken]).toEqual([...bytes.subarray(at, at + length)]);
            } else {
              await cursor.skip(length);
            }
            at += length;
          }
        },
      ),
    );
  });

  it("frees the pieces that it has passed", async () => {
    const pieces = [new Uint8Array(4), new Uint8Array(4)];
    async function* stream() {
      yield* pieces;
    }
    const cursor = createByteCursor(stream(), quiet);
    await cursor.take(6);
    expect(pieces.map((piece) => piece.length)).toEqual([0, 4]);
  });

  it("gives nothing that came after the abort", async () => {
    const abort = new AbortController();
    async function* stream() {
      yield new Uint8Array(4);
      abort.abort(new Error("no longer wanted"));
      yield new Uint8Array(4);
    }
    const cursor = createByteCursor(stream(), abort.signal);
    await cursor.take(4);
    await expect(cursor.take(4)).rejects.toThrow("no longer wanted");
  });

  it("gives the stream up when it is closed", async () => {
    let closed = false;
    async function* stream() {
      try {
        for (;;) yield new Uint8Array(4);
      } finally {
        closed = true;
      }
    }
    const cursor = createByteCursor(stream(), quiet);
    await cursor.take(2);
    await cursor.close();
    expect(closed).toBe(true);
  });
});
