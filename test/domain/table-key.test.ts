import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterPrefix,
  assertTableKey,
  decodeContinuation,
  encodeContinuation,
  tableKey,
} from "../../src/domain/table-key.ts";

const part = fc.string({
  unit: fc.constantFrom(...Array.from("aB|~/\\#?%\n7é東c")),
  maxLength: 12,
});

describe("table keys", () => {
  it("are accepted by Table storage, whatever their parts", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        expect(() => assertTableKey(tableKey(...parts))).not.toThrow();
      }),
    );
  });

  it("are the same only for the same parts", () => {
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(tableKey(...left) === tableKey(...right)).toBe(isSame);
      }),
    );
  });

  it("below a prefix lie between the prefix and what comes after it, and no others", () => {
    fc.assert(
      fc.property(part, part, part, (prefix, below, other) => {
        const [from, to] = [`${tableKey(prefix)}|`, afterPrefix(tableKey(prefix))];
        const isInside = (key: string) => key >= from && key < to;
        expect(isInside(tableKey(prefix, below))).toBe(true);
        expect(isInside(tableKey(other, below))).toBe(prefix === other);
      }),
    );
  });

  it("come back from a continuation", () => {
    fc.assert(
      fc.property(part, part, (first, second) => {
        const row = tableKey(first, second);
        expect(decodeContinuation(encodeContinuation(row))).toBe(row);
      }),
    );
  });

  it.each(["%", "a/b", "%2F", "x".repeat(600)])("refuses %j as a continuation", (text) => {
    expect(() => decodeContinuation(text)).toThrow("continuation token");
  });
});
