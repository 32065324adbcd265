import { describe, expect, it } from "vitest";
import { createCatalog } from "../../../src/adapters/catalog/catalog.ts";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import {
  createMemoryTableStore,
  type TableCounts,
} from "../../../src/adapters/memory/table-store.ts";
import { presentRecoveryPoint } from "../../../src/domain/recovery-point-record.ts";
import type { Catalog } from "../../../src/ports/catalog.ts";
import {
  instanceRef,
  sampleInstance,
  sampleJob,
  sampleManifest,
  vaultRef,
} from "../../support/records.ts";

const guid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

/** A vault with `total` instances, ended jobs, recovery points and later due instants. */
async function filled(total: number) {
  const tables = createMemoryTableStore();
  const clock = createManualClock();
  const catalog = createCatalog({ tables, blobs: createMemoryBlobStore({ clock }), clock });
  for (let n = 0; n < total; n++) {
    await catalog.instances.create(sampleInstance({ name: `i${n}`, policyName: `p${n % 7}` }));
    await catalog.jobs.create(sampleJob({ id: guid(n), startedAt: at(n), status: "Completed" }));
    const id = String(n).padStart(32, "0");
    const point = { ...presentRecoveryPoint(sampleManifest()), id, takenAt: at(n) };
    await catalog.recoveryPoints.upsert(instanceRef, point);
    await catalog.due.put({ kind: "backup", at: at(10_000 + n), key: `i${n}`, payload: {} });
  }
  for (let n = 0; n < 3; n++) {
    await catalog.due.put({ kind: "backup", at: at(n), key: `due${n}`, payload: {} });
    await catalog.jobs.create(sampleJob({ id: guid(900_000 + n), startedAt: at(n) }));
  }
  return { tables, catalog };
}

const reads: readonly [string, (catalog: Catalog) => Promise<unknown>][] = [
  ["a page of jobs", (catalog) => catalog.jobs.list(vaultRef, { limit: 20 })],
  ["one job", (catalog) => catalog.jobs.get(vaultRef, guid(5))],
  ["the open jobs", (catalog) => catalog.jobs.open({ limit: 100 })],
  [
    "a change of a job",
    (catalog) => catalog.jobs.change(vaultRef, guid(5), { details: { a: "b" } }),
  ],
  ["what is due", (catalog) => catalog.due.upTo("backup", at(60), 1_000)],
  ["one instance", (catalog) => catalog.instances.get({ ...vaultRef, instanceName: "i5" })],
  ["a page of instances", (catalog) => catalog.instances.list(vaultRef, { limit: 20 })],
  ["a user of a policy", (catalog) => catalog.instances.ofPolicy(vaultRef, "p3", 1)],
  [
    "the newest recovery point",
    (catalog) => catalog.recoveryPoints.list(instanceRef, { limit: 1 }),
  ],
  [
    "recovery points of an hour",
    (catalog) => catalog.recoveryPoints.list(instanceRef, { limit: 100, from: at(10), to: at(69) }),
  ],
];

describe("the cost of reading", () => {
  it("does not grow with what exists", async () => {
    const measure = async (total: number): Promise<Record<string, TableCounts>> => {
      const { tables, catalog } = await filled(total);
      const costs: Record<string, TableCounts> = {};
      for (const [name, read] of reads) {
        tables.resetCounts();
        await read(catalog);
        costs[name] = tables.counts();
      }
      return costs;
    };
    const small = await measure(100);
    expect(await measure(1_500)).toEqual(small);
    expect(small["a page of jobs"]).toEqual({ requests: 1, entitiesRead: 20 });
    expect(small["what is due"]).toEqual({ requests: 1, entitiesRead: 3 });
    expect(small["the open jobs"]).toEqual({ requests: 4, entitiesRead: 6 });
    expect(small["a user of a policy"]).toEqual({ requests: 1, entitiesRead: 1 });
    expect(small["recovery points of an hour"]).toEqual({ requests: 1, entitiesRead: 60 });
  });
});
