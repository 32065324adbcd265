import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Azurite } from "../../scripts/azurite.ts";
import { createBlobStore } from "../../src/adapters/blob/blob-store.ts";
import { createMemoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { freeBuffer } from "../../src/adapters/postgres/mover/free-buffer.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { startAzurite } from "../support/azurite.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

let containers = 0;
const stores: readonly [string, () => BlobStore][] = [
  ["memory", () => createMemoryBlobStore({ clock: createManualClock() })],
  [
    "Azurite",
    () =>
      createBlobStore({
        account: { connectionString: azurite.connectionString },
        container: `conformance-${++containers}`,
      }),
  ],
];

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) =>
  body === undefined ? undefined : new TextDecoder().decode(body);
const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};
const paths = async (items: AsyncIterable<{ path: string }>): Promise<string[]> => {
  const all: string[] = [];
  for await (const item of items) all.push(item.path);
  return all;
};

describe.each(stores)("BlobStore over %s", (_, create) => {
  it("answers nothing for what is not there, before the container even exists", async () => {
    const store = create();
    expect(await store.get("a/b.json")).toBeUndefined();
    expect(await store.properties("a/b.json")).toBeUndefined();
    expect(await store.delete("a/b.json")).toBe(false);
    expect(await paths(store.list(""))).toEqual([]);
  });

  it("puts, reads back and overwrites", async () => {
    const store = create();
    expect(await store.put("a/b.json", bytes("one"))).toBe("written");
    expect(await store.put("a/b.json", bytes("zwei"))).toBe("written");
    expect(text(await store.get("a/b.json"))).toBe("zwei");
    expect(await store.properties("a/b.json")).toMatchObject({ lengthBytes: 4, tier: "Hot" });
  });

  it("keeps what it was given, whatever the caller does to the buffer later", async () => {
    const store = create();
    const body = bytes("kept");
    await store.put("x", body);
    body.fill(0);
    expect(text(await store.get("x"))).toBe("kept");
  });

  it("lets exactly one of many writers win with onlyIfAbsent", async () => {
    const store = create();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_unused, index) =>
        store.put("manifest.json", bytes(`writer ${index}`), { onlyIfAbsent: true }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
    const winner = outcomes.indexOf("written");
    expect(text(await store.get("manifest.json"))).toBe(`writer ${winner}`);
  });

  it("makes staged blocks the blob in the order of the commit", async () => {
    const store = create();
    await store.stageBlock("pack", "000002", bytes("world"));
    await store.stageBlock("pack", "000001", bytes("hello "));
    await store.stageBlock("pack", "000001", bytes("hello, "));
    expect(await store.get("pack")).toBeUndefined();
    expect(await store.commitBlocks("pack", ["000001", "000002"], { onlyIfAbsent: true })).toBe(
      "written",
    );
    expect(text(await store.get("pack"))).toBe("hello, world");
  });

  it("answers `exists` to a commit that is repeated, and leaves the blob alone", async () => {
    const store = create();
    await store.stageBlock("pack", "1", bytes("first"));
    await store.commitBlocks("pack", ["1"], { onlyIfAbsent: true });
    expect(await store.commitBlocks("pack", ["1"], { onlyIfAbsent: true })).toBe("exists");
    expect(text(await store.get("pack"))).toBe("first");
  });

  it("refuses to commit blocks that were never staged", async () => {
    const store = create();
    await store.stageBlock("pack", "1", bytes("first"));
    await expect(store.commitBlocks("pack", ["1", "2"])).rejects.toMatchObject({
      fault: { code: "InternalError", message: expect.stringContaining("'pack'") },
    });
    expect(await store.get("pack")).toBeUndefined();
  });

  it("streams ranges exactly", async () => {
    const store = create();
    const body = Buffer.from(
      Array.from({ length: 300_000 }, (_unused, index) => (index * 31) % 251),
    );
    await store.put("pack", body);
    expect((await collect(store.read("pack"))).equals(body)).toBe(true);
    for (const [offset, length] of [
      [0, 1],
      [1, 65_536],
      [299_999, 1],
      [12_345, 200_000],
      [300_000, 0],
    ] as const) {
      const range = await collect(store.read("pack", { offset, length }));
      expect(range.equals(body.subarray(offset, offset + length))).toBe(true);
    }
  });

  it("gives chunks to their reader, to write over and to free", async () => {
    const store = create();
    const body = Buffer.alloc(100_000, "kept");
    await store.put("pack", body);
    for await (const chunk of store.read("pack")) {
      chunk.fill(0);
      freeBuffer(chunk);
    }
    expect((await collect(store.read("pack"))).equals(body)).toBe(true);
  });

  it("reads an empty blob as nothing", async () => {
    const store = create();
    await store.put("empty", new Uint8Array());
    expect(await collect(store.read("empty"))).toHaveLength(0);
    expect(await store.get("empty")).toHaveLength(0);
  });

  it.each([
    [
      "absent",
      "vaults/s/g/v/instances/i/recovery-points/cafe/packs/none",
      { offset: 0, length: 1 },
    ],
    ["short", "vaults/s/g/v/instances/i/recovery-points/cafe/packs/p", { offset: 0, length: 11 }],
    [
      "far too short",
      "vaults/s/g/v/instances/i/recovery-points/cafe/packs/p",
      { offset: 50, length: 5 },
    ],
  ])("names the recovery point when a blob to stream is %s", async (_what, path, range) => {
    const store = create();
    await store.put("vaults/s/g/v/instances/i/recovery-points/cafe/packs/p", bytes("0123456789"));
    await expect(collect(store.read(path, range))).rejects.toMatchObject({
      fault: { code: "RecoveryPointCorrupt", message: expect.stringContaining("'cafe'") },
    });
  });

  it("stops streaming when the reader goes away", async () => {
    const store = create();
    await store.put("pack", new Uint8Array(5_000_000));
    for await (const chunk of store.read("pack")) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });

  it("lists below a prefix in path order, page by page", async () => {
    const store = create();
    for (const path of ["b/2", "a/10", "a/1", "a/2", "ab"]) await store.put(path, bytes(path));
    expect(await paths(store.list("a/"))).toEqual(["a/1", "a/10", "a/2"]);
    expect(await paths(store.list(""))).toEqual(["a/1", "a/10", "a/2", "ab", "b/2"]);
  });

  it("lists and removes blobs that have only uncommitted blocks", async () => {
    const store = create();
    await store.stageBlock("packs/lost", "1", bytes("never committed"));
    await store.put("packs/whole", bytes("x"));
    expect(await paths(store.list("packs/"))).toEqual(["packs/whole"]);
    expect(await paths(store.list("packs/", { uncommitted: true }))).toEqual([
      "packs/lost",
      "packs/whole",
    ]);
    expect(await store.delete("packs/lost")).toBe(true);
    expect(await store.delete("packs/lost")).toBe(false);
    expect(await paths(store.list("packs/", { uncommitted: true }))).toEqual(["packs/whole"]);
  });

  it("stops staging when it is aborted", async () => {
    const store = create();
    const signal = AbortSignal.abort(new Error("lease lost"));
    await expect(store.stageBlock("pack", "1", bytes("x"), signal)).rejects.toThrow("lease lost");
  });

  it("moves between tiers and refuses to read what is archived", async () => {
    const store = create();
    await store.put("p/recovery-points/beef/packs/1", bytes("cold"));
    await store.setTier("p/recovery-points/beef/packs/1", "Cool");
    await store.setTier("p/recovery-points/beef/packs/1", "Archive");
    await store.setTier("p/recovery-points/beef/packs/1", "Archive");
    expect(await store.properties("p/recovery-points/beef/packs/1")).toMatchObject({
      tier: "Archive",
    });
    await expect(collect(store.read("p/recovery-points/beef/packs/1"))).rejects.toMatchObject({
      fault: { code: "UserErrorRecoveryPointArchived", message: expect.stringContaining("beef") },
    });
    await expect(store.setTier("absent", "Cool")).rejects.toMatchObject({
      fault: { code: "ResourceNotFound" },
    });
  });

  it("copies inside the container, as often as it is asked", async () => {
    const store = create();
    await store.put("from", bytes("copied"));
    await store.startCopy("from", "to");
    await store.startCopy("from", "to", { tier: "Cool" });
    expect(text(await store.get("to"))).toBe("copied");
    expect(await store.properties("to")).toMatchObject({ copyStatus: "success", tier: "Cool" });
    await expect(store.startCopy("absent", "to")).rejects.toMatchObject({
      fault: { code: "ResourceNotFound" },
    });
  });
});
