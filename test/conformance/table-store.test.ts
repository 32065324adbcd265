import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Azurite } from "../../scripts/azurite.ts";
import { createMemoryTableStore } from "../../src/adapters/memory/table-store.ts";
import { createTableStore } from "../../src/adapters/table/table-store.ts";
import { tableKey } from "../../src/domain/table-key.ts";
import type { RowQuery, TableStore } from "../../src/ports/table-store.ts";
import { startAzurite } from "../support/azurite.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

let prefixes = 0;
const stores: readonly [string, () => TableStore][] = [
  ["memory", () => createMemoryTableStore()],
  [
    "Azurite",
    () =>
      createTableStore({
        account: { connectionString: azurite.connectionString },
        prefix: `conformance${++prefixes}x`,
      }),
  ],
];

const row = (name: string, value = {}) => ({ partition: "p", row: name, value });
const rowsOf = async (store: TableStore, query: Omit<RowQuery, "partition">): Promise<string[]> =>
  (await store.query("jobs", { partition: "p", ...query })).rows.map((found) => found.row);
const fill = (store: TableStore, names: readonly string[]) =>
  Promise.all(names.map((name) => store.upsert("jobs", row(name, { name }))));

describe.each(stores)("TableStore over %s", (_, create) => {
  it("answers nothing for what is not there, before the table even exists", async () => {
    const store = create();
    expect(await store.get("jobs", "p", "r")).toBeUndefined();
    expect(await store.replace("jobs", row("r"), 'W/"1"')).toBeUndefined();
    expect(await store.delete("jobs", "p", "r")).toBe(false);
    expect(await store.query("jobs", { partition: "p", limit: 10 })).toEqual({ rows: [] });
    expect(await store.transact("jobs", "p", [{ kind: "delete", row: "r" }])).toBeUndefined();
  });

  it("inserts once", async () => {
    const store = create();
    const etag = await store.insert("jobs", row("r", { n: 1 }));
    expect(await store.insert("jobs", row("r", { n: 2 }))).toBeUndefined();
    expect(await store.get("jobs", "p", "r")).toEqual({ ...row("r", { n: 1 }), etag });
  });

  it("lets one of many inserts win", async () => {
    const store = create();
    const etags = await Promise.all(
      Array.from({ length: 8 }, (_unused, n) => store.insert("jobs", row("r", { n }))),
    );
    expect(etags.filter((etag) => etag !== undefined)).toHaveLength(1);
    const winner = etags.findIndex((etag) => etag !== undefined);
    expect((await store.get("jobs", "p", "r"))?.value).toEqual({ n: winner });
  });

  it("replaces and deletes only what is unchanged", async () => {
    const store = create();
    const first = (await store.insert("jobs", row("r", { n: 1 }))) ?? "";
    const second = (await store.replace("jobs", row("r", { n: 2 }), first)) ?? "";
    expect(second).not.toBe(first);
    expect(await store.replace("jobs", row("r", { n: 3 }), first)).toBeUndefined();
    expect(await store.delete("jobs", "p", "r", first)).toBe(false);
    expect((await store.get("jobs", "p", "r"))?.value).toEqual({ n: 2 });
    expect(await store.delete("jobs", "p", "r", second)).toBe(true);
    expect(await store.get("jobs", "p", "r")).toBeUndefined();
  });

  it("loses no increment of many concurrent changers", async () => {
    const store = create();
    await store.insert("jobs", row("counter", { n: 0 }));
    const increment = async (): Promise<void> => {
      const found = await store.get("jobs", "p", "counter");
      const n = Number(found?.value["n"]) + 1;
      if ((await store.replace("jobs", row("counter", { n }), found?.etag ?? "")) === undefined) {
        await increment();
      }
    };
    await Promise.all(Array.from({ length: 10 }, increment));
    expect((await store.get("jobs", "p", "counter"))?.value).toEqual({ n: 10 });
  });

  it("drops members of the old value when a row is written anew", async () => {
    const store = create();
    await store.upsert("jobs", row("r", { old: true, long: "x".repeat(100_000) }));
    const etag = await store.upsert("jobs", row("r", { new: true }));
    expect(await store.get("jobs", "p", "r")).toEqual({ ...row("r", { new: true }), etag });
  });

  it.each([
    ["nested values", { a: [1, null, true, { b: "c" }], empty: "", none: {} }],
    ["other scripts and emoji", { name: "Zürich 東京 🐘 \u0000 \\ ' \" <&>" }],
    ["long text", { text: "a".repeat(250_000) }],
    ["long text of surrogate pairs", { text: `-${"🐘".repeat(40_000)}` }],
  ])("keeps %s", async (_what, value) => {
    const store = create();
    await store.insert("jobs", row("r", value));
    const found = await store.get("jobs", "p", "r");
    const listed = (await store.query("jobs", { partition: "p", limit: 5 })).rows[0];
    // Compared outside of `expect`: nobody wants a megabyte of difference printed.
    expect(isDeepStrictEqual(found?.value, value)).toBe(true);
    expect(isDeepStrictEqual(listed?.value, value)).toBe(true);
  });

  it.each([
    ["spaces and quotes", "it's a 'row' \"name\""],
    ["escaped parts", tableKey("a/b", "c#d?e%f\\g", "h|i~j", "\n")],
    ["other scripts", "zürich|東京"],
    ["plus, ampersand, equals", "a+b&c=d==;e"],
  ])("finds rows again under keys with %s", async (_what, key) => {
    const store = create();
    const there = { partition: key, row: key, value: { key } };
    await store.insert("jobs", there);
    expect(await store.get("jobs", key, key)).toMatchObject(there);
    const page = await store.query("jobs", { partition: key, from: key, limit: 5 });
    expect(page.rows).toMatchObject([there]);
    const changed = await store.transact("jobs", key, [
      { kind: "upsert", row: key, value: { changed: true } },
    ]);
    expect(changed).toHaveLength(1);
    expect(await store.delete("jobs", key, key)).toBe(true);
  });

  it.each([
    ["a slash", "a/b"],
    ["a backslash", "a\\b"],
    ["a hash", "a#b"],
    ["a question mark", "a?b"],
    ["a percent sign", "a%b"],
    ["a control character", "a\nb"],
    ["513 characters", "x".repeat(513)],
    ["half a surrogate pair", "\ud800"],
  ])("refuses a key with %s", async (_what, key) => {
    const store = create();
    await expect(store.insert("jobs", row(key))).rejects.toThrow("table key");
    await expect(store.get("jobs", key, "r")).rejects.toThrow("table key");
  });

  it("takes values up to its limit and refuses larger ones", async () => {
    const store = create();
    const text = "x".repeat(511_900);
    await store.insert("jobs", row("large", { text }));
    expect((await store.get("jobs", "p", "large"))?.value["text"] === text).toBe(true);
    await expect(store.upsert("jobs", row("larger", { text: `${text}${text}` }))).rejects.toThrow(
      "RequestEntityTooLarge",
    );
  });

  it("answers ranges of one partition in key order", async () => {
    const store = create();
    await fill(store, ["b", "a", "c|2", "c|10", "c", "d"]);
    await store.upsert("jobs", { partition: "q", row: "b2", value: {} });
    expect(await rowsOf(store, { limit: 10 })).toEqual(["a", "b", "c", "c|10", "c|2", "d"]);
    expect(await rowsOf(store, { from: "b", to: "c|2", limit: 10 })).toEqual(["b", "c", "c|10"]);
    expect(await rowsOf(store, { from: "c|", to: "c}", limit: 10 })).toEqual(["c|10", "c|2"]);
    expect(await rowsOf(store, { from: "x", limit: 10 })).toEqual([]);
    expect(await rowsOf(store, { to: "a", limit: 10 })).toEqual([]);
  });

  it("pages on after the last row answered, whatever is added or removed meanwhile", async () => {
    const store = create();
    await fill(store, ["b", "d", "f", "h"]);
    const first = await store.query("jobs", { partition: "p", limit: 2 });
    expect(first.rows.map((found) => found.row)).toEqual(["b", "d"]);
    await fill(store, ["a", "c", "e"]);
    await store.delete("jobs", "p", "d");
    await store.delete("jobs", "p", "f");
    const second = await store.query("jobs", {
      partition: "p",
      limit: 2,
      ...(first.continuation === undefined ? {} : { continuation: first.continuation }),
    });
    expect(second.rows.map((found) => found.row)).toEqual(["e", "h"]);
    expect(second.continuation).toBeUndefined();
  });

  it("ends a page that is exactly full without a continuation that leads nowhere twice", async () => {
    const store = create();
    await fill(store, ["a", "b"]);
    const page = await store.query("jobs", { partition: "p", limit: 2 });
    expect(page.rows).toHaveLength(2);
    expect(page.continuation).toBeUndefined();
  });

  it("refuses a continuation that it never answered", async () => {
    const store = create();
    await expect(
      store.query("jobs", { partition: "p", limit: 1, continuation: "%zz" }),
    ).rejects.toMatchObject({ fault: { code: "BMSUserErrorInvalidInput" } });
  });

  it("never leaves its range, whatever the continuation says", async () => {
    const store = create();
    await fill(store, ["a", "b", "c", "d"]);
    const forged = { from: "b", to: "d", limit: 10 };
    expect(await rowsOf(store, { ...forged, continuation: "a" })).toEqual(["b", "c"]);
    expect(await rowsOf(store, { ...forged, continuation: "x" })).toEqual([]);
  });

  it("changes several rows at once and answers usable etags", async () => {
    const store = create();
    const old = (await store.insert("jobs", row("old", { n: 1 }))) ?? "";
    await store.insert("jobs", row("gone"));
    const etags = await store.transact("jobs", "p", [
      { kind: "replace", row: "old", value: { n: 2 }, etag: old },
      { kind: "insert", row: "new", value: { n: 3 } },
      { kind: "upsert", row: "up", value: { n: 4 } },
      { kind: "delete", row: "gone" },
    ]);
    expect(etags?.[3]).toBeUndefined();
    expect(await rowsOf(store, { limit: 10 })).toEqual(["new", "old", "up"]);
    for (const [index, name] of ["old", "new", "up"].entries()) {
      const etag = etags?.[index] ?? "";
      expect(await store.replace("jobs", row(name, { again: true }), etag)).toBeDefined();
    }
  });

  it.each([
    ["an inserted row exists", { kind: "insert", row: "there", value: {} }],
    ["a replaced row has changed", { kind: "replace", row: "there", value: {}, etag: 'W/"0"' }],
    ["a deleted row is absent", { kind: "delete", row: "absent" }],
  ] as const)("changes nothing at all when %s", async (_what, failing) => {
    const store = create();
    await store.insert("jobs", row("there", { n: 1 }));
    await store.insert("jobs", row("other", { n: 1 }));
    const outcome = await store.transact("jobs", "p", [
      { kind: "insert", row: "new", value: {} },
      { kind: "upsert", row: "other", value: { n: 2 } },
      failing,
    ]);
    expect(outcome).toBeUndefined();
    expect(await rowsOf(store, { limit: 10 })).toEqual(["other", "there"]);
    expect((await store.get("jobs", "p", "other"))?.value).toEqual({ n: 1 });
    expect((await store.get("jobs", "p", "there"))?.value).toEqual({ n: 1 });
  });
});
