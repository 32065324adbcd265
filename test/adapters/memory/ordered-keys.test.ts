import fc from "fast-check";
import { expect, test } from "vitest";
import { createOrderedKeys } from "../../../src/adapters/memory/ordered-keys.ts";

test("whatever is added and removed, the keys from any one on are those of a sorted set", () => {
  const key = fc.string({ minLength: 0, maxLength: 3, unit: fc.constantFrom("a", "b", "c", "|") });
  const change = fc.record({ key, isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), key, (changes, from) => {
      const keys = createOrderedKeys();
      const model = new Set<string>();
      for (const { key: changed, isAdded } of changes) {
        keys[isAdded ? "add" : "delete"](changed);
        model[isAdded ? "add" : "delete"](changed);
      }
      const expected = [...model].filter((known) => known >= from).sort();
      expect([...keys.from(from)]).toEqual(expected);
    }),
  );
});

test("many keys stay in order while chunks grow, split and vanish", () => {
  const keys = createOrderedKeys();
  const names = Array.from({ length: 5_000 }, (_, n) =>
    String((n * 7919) % 5_000).padStart(5, "0"),
  );
  for (const name of names) keys.add(name);
  expect([...keys.from("")]).toEqual([...names].sort());
  for (const name of names) if (Number(name) % 10 !== 0) keys.delete(name);
  expect([...keys.from("02500")]).toEqual(
    Array.from({ length: 250 }, (_, n) => String(2_500 + n * 10).padStart(5, "0")),
  );
});
