import { describe, expect, it } from "vitest";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock, createSequentialIds } from "../../../src/adapters/memory/clock.ts";

const hourMs = 3_600_000;

describe("rehydration on the clock", () => {
  const anew = async () => {
    const clock = createManualClock();
    const store = createMemoryBlobStore({ clock, rehydrationMs: 15 * hourMs });
    await store.put("pack", new TextEncoder().encode("abc"));
    await store.setTier("pack", "Archive");
    return { clock, store };
  };

  it("copies out of the archive after its hours, the source staying archived", async () => {
    const { clock, store } = await anew();
    await store.startCopy("pack", "copy", { tier: "Hot", rehydratePriority: "Standard" });
    expect(await store.properties("copy")).toMatchObject({
      tier: "Archive",
      archiveStatus: "rehydrate-pending-to-hot",
      copyStatus: "pending",
    });
    await expect(store.get("copy")).rejects.toThrow("UserErrorRecoveryPointArchived");
    clock.advance(14 * hourMs);
    await store.startCopy("pack", "copy", { tier: "Hot" });
    clock.advance(hourMs);
    expect(await store.properties("copy")).toMatchObject({ tier: "Hot", copyStatus: "success" });
    expect(await store.get("copy")).toHaveLength(3);
    expect(await store.properties("pack")).toMatchObject({ tier: "Archive" });
  });

  it("moves a blob out of the archive in place", async () => {
    const { clock, store } = await anew();
    await store.setTier("pack", "Cool", "High");
    await expect(store.get("pack")).rejects.toThrow("UserErrorRecoveryPointArchived");
    clock.advance(15 * hourMs);
    expect(await store.properties("pack")).toMatchObject({ tier: "Cool" });
  });
});

describe("tools of tests", () => {
  it("flips one byte of a stored blob", async () => {
    const store = createMemoryBlobStore({ clock: createManualClock() });
    await store.put("pack", Uint8Array.of(1, 2, 3));
    store.corrupt("pack", 1);
    expect(await store.get("pack")).toEqual(Uint8Array.of(1, 253, 3));
    expect(store.paths()).toEqual(["pack"]);
    expect(() => store.corrupt("pack", 3)).toThrow("ResourceNotFound");
  });

  it("counts ids up from where it is told", () => {
    const ids = createSequentialIds(255);
    expect([ids.newGuid(), ids.newGuid()]).toEqual([
      "00000000-0000-4000-8000-0000000000ff",
      "00000000-0000-4000-8000-000000000100",
    ]);
  });
});
