import { describe, expect, test } from "vitest";
import { createCatalog } from "../../../src/adapters/catalog/catalog.ts";
import { rebuildCatalog } from "../../../src/adapters/catalog/rebuild.ts";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../../../src/adapters/memory/table-store.ts";
import type { ResourceGuard } from "../../../src/domain/resource-guard.ts";

const guard: ResourceGuard = {
  subscriptionId: "Sub",
  resourceGroup: "Security",
  guardName: "Guard",
  location: "westeurope",
  excludedOperations: [],
};

const openPorts = () => ({
  tables: createMemoryTableStore(),
  blobs: createMemoryBlobStore({ clock: createManualClock() }),
});

describe("resource guards", () => {
  test("are found without regard to case, listed by group and subscription, and deleted once", async () => {
    const { guards } = createCatalog(openPorts());
    expect(await guards.create(guard)).toMatchObject({ value: guard });
    expect(await guards.create({ ...guard, guardName: "guard" })).toBeUndefined();
    await guards.create({ ...guard, resourceGroup: "Other", guardName: "g2" });
    const upper = { subscriptionId: "SUB", resourceGroup: "SECURITY", guardName: "GUARD" };
    expect((await guards.get(upper))?.value).toEqual(guard);
    const inGroup = await guards.list(
      { subscriptionId: "sub", resourceGroup: "security" },
      { limit: 9 },
    );
    expect(inGroup.items).toEqual([guard]);
    expect((await guards.list({ subscriptionId: "sub" }, { limit: 9 })).items).toHaveLength(2);
    expect(await guards.delete(upper)).toBe(true);
    expect(await guards.delete(upper)).toBe(false);
  });

  test("come back from their mirrors when the tables are lost", async () => {
    const { blobs, tables } = openPorts();
    await createCatalog({ blobs, tables }).guards.create(guard);
    await blobs.put("guards/sub/security/other/guard.json", new TextEncoder().encode("{}"));
    const rebuilt = { blobs, tables: createMemoryTableStore() };
    const report = await rebuildCatalog(rebuilt);
    expect(report.problems).toEqual([
      {
        path: "guards/sub/security/other/guard.json",
        reason: "this is not the mirror of a guard of that name",
      },
    ]);
    expect((await createCatalog(rebuilt).guards.get(guard))?.value).toEqual(guard);
  });
});
