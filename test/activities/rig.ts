import { createActivities } from "../../src/activities/activities.ts";
import type { ActivityPorts } from "../../src/activities/ports.ts";
import { createCatalog } from "../../src/adapters/catalog/catalog.ts";
import { createMemoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { createManualClock, createSequentialIds } from "../../src/adapters/memory/clock.ts";
import { createMemoryLeaseStore } from "../../src/adapters/memory/lease-store.ts";
import { createMemoryTableStore } from "../../src/adapters/memory/table-store.ts";
import type { BackupInstance } from "../../src/domain/backup-instance.ts";
import { Secret } from "../../src/domain/connection.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { InstanceRef } from "../../src/domain/resource-id.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import type { DumpOutcome, DumpRequest } from "../../src/ports/data-mover.ts";
import type { NewRow, TableName, TableStore } from "../../src/ports/table-store.ts";
import { policyJson } from "../domain/policy/policies.ts";
import {
  instanceRef,
  sampleInstance,
  samplePolicy,
  sampleVault,
  vaultRef,
} from "../support/records.ts";
import { type Life, mortal } from "./mortal.ts";

/** Everything in memory; a dump is one pack of three bytes. */
export function createRig(startAt = "2026-01-04T06:30:00.000Z") {
  const clock = createManualClock(startAt);
  // Leases lapse by a clock of their own, so that waiting for one changes no recorded instant.
  const leaseClock = createManualClock(startAt);
  const tables = createMemoryTableStore();
  const places = new Map<string, readonly [TableName, string]>();
  const blobs = createMemoryBlobStore({ clock });
  const leases = createMemoryLeaseStore({ clock: leaseClock });
  const ids = createSequentialIds();

  /** Ports over the same stores; with `life`, of a process that dies after so many store calls. */
  const portsWith = (life?: Life): ActivityPorts => {
    const over = <T extends object>(store: T): T =>
      life === undefined ? store : mortal(store, life);
    const ownBlobs = over<BlobStore>(blobs);
    return {
      catalog: createCatalog({ tables: over(noting(tables, places)), blobs: ownBlobs, clock }),
      blobs: ownBlobs,
      leases: over(leases),
      servers: {
        inspectBackup: async () => ({ faults: [], notices: [] }),
        inspectRestore: async () => ({ faults: [], notices: [] }),
        serverMajor: async () => 15,
        grantScript: () => ({ sql: "", powerShell: "", revokeSql: "", revokePowerShell: "" }),
        dropRestored: async () => true,
        keepRestored: async () => true,
        endSessions: async () => 0,
      },
      connections: {
        resolve: async () => ({
          host: "pg1",
          port: 5432,
          user: "backup",
          password: new Secret("s"),
          sslMode: "prefer",
        }),
      },
      mover: {
        dump: (request) => dump(ownBlobs, request, clock.now()),
        verify: async () => ({ segments: 1, bytes: 3 }),
        restoreDatabase: async () => ({ tables: 1, rows: 2, bytes: 3, warnings: [] }),
        restoreFiles: async () => ({ files: 3, bytes: 9 }),
        prove: async () => ({
          tables: [],
          rows: 2,
          bytes: 3,
          warnings: [],
          serverVersion: "15.18",
        }),
      },
      containers: { open: () => ({ write: async () => {} }), probe: async () => {} },
      clock,
      ids,
      settings: {
        transfer: { connections: 1, compression: "none", compressionLevel: 1 },
        concurrentDumpsPerServer: 2,
      },
    };
  };
  const ports = portsWith();
  const activities = createActivities(ports);

  return {
    clock,
    leaseClock,
    tables,
    blobs,
    leases,
    ports,
    portsWith,
    activities,
    catalog: ports.catalog,
    /** A vault, a policy and a protected instance under it. */
    async protect(policy: object = policyJson(), changes: Partial<BackupInstance> = {}) {
      const { vaults, policies, instances } = ports.catalog;
      await vaults.create(sampleVault());
      await policies.create(samplePolicy({ properties: policy as JsonObject }));
      const instance = sampleInstance(changes);
      await instances.create(instance);
      await instances.claimDatasource(instance.datasource.resourceId, refOf(instance));
      await activities.setProtection({
        instance: refOf(instance),
        state: instance.protectionState,
        provisioningState: "Succeeded",
      });
    },
    /** A whole backup as its workflow makes one; answers the recovery point's id. */
    async backUp(jobId: string, trigger: Trigger = adhoc): Promise<string> {
      const job = { instance: instanceRef, jobId };
      await activities.openBackup({ ...job, trigger, workflowId: `backUp-${jobId}` });
      await activities.takeLease(job);
      const { attempt } = await activities.dumpDatabase({ ...job, attempt: "a", slot: "slot" });
      const { recoveryPointId } = await activities.commitRecoveryPoint({
        ...job,
        attempt,
        trigger,
      });
      await activities.discardAttempts(job);
      await activities.closeJob({ ...job, status: "Completed" });
      await activities.releaseLease(job);
      await leases.release("slot", jobId);
      return recoveryPointId;
    },
    setPolicy: async (properties: object) => {
      const found = await ports.catalog.policies.get({ ...vaultRef, policyName: "Daily" });
      const value = samplePolicy({ properties: properties as JsonObject });
      await ports.catalog.policies.replace(value, found?.etag ?? "");
    },
    due: (kind: "backup" | "lifecycle" | "purge" | "dumpqueue") =>
      ports.catalog.due.upTo(kind, "2200-01-01T00:00:00.000Z", 1_000),
    instance: async () => (await ports.catalog.instances.get(instanceRef))?.value,
    /** All that is stored, with generated ids made alike: for comparing two ways to one end. */
    async everything() {
      const rows: Record<string, unknown> = {};
      for (const [table, partition] of places.values()) {
        const found = await tables.query(table, { partition, limit: 1_000 });
        for (const { row, value } of found.rows) rows[`${table}|${partition}|${row}`] = value;
      }
      const contents: Record<string, unknown> = {};
      for (const path of blobs.paths()) {
        const found = await blobs.properties(path);
        contents[path] = found?.tier === "Archive" ? "archived" : textOf(await blobs.get(path));
      }
      const text = JSON.stringify({ rows, contents }, null, 1);
      return text.replaceAll(/00000000-0000-4000-8000-[0-9a-f]{12}|(?<=a-)[0-9a-f]{8}/g, "<id>");
    },
  };
}

export type Rig = ReturnType<typeof createRig>;
type Trigger = Parameters<ReturnType<typeof createActivities>["openBackup"]>[0]["trigger"];

export const adhoc = { kind: "adhoc", ruleName: "BackupWeekly" } as const;
export const scheduled = (dueAt: string, missed = 0) =>
  ({ kind: "scheduled", dueAt, missed }) as const;

export const jobIds = (count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, n) => `1111111${n % 10}-2222-4333-8444-${String(n).padStart(12, "5")}`,
  );

const refOf = (instance: BackupInstance): InstanceRef => ({
  ...instance.vault,
  instanceName: instance.name,
});

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Notes every partition that is written to. */
const noting = (
  tables: TableStore,
  places: Map<string, readonly [TableName, string]>,
): TableStore => {
  const note = (table: TableName, partition: string) =>
    places.set(`${table}|${partition}`, [table, partition]);
  return {
    ...tables,
    insert: (table: TableName, row: NewRow) => {
      note(table, row.partition);
      return tables.insert(table, row);
    },
    upsert: (table: TableName, row: NewRow) => {
      note(table, row.partition);
      return tables.upsert(table, row);
    },
    transact: (table, partition, changes) => {
      note(table, partition);
      return tables.transact(table, partition, changes);
    },
  };
};

async function dump(blobs: BlobStore, { folder }: DumpRequest, now: number): Promise<DumpOutcome> {
  await blobs.put(`${folder}/0001.pack`, new TextEncoder().encode("abc"));
  return {
    archive: {
      format: "directory",
      compression: "none",
      packs: [{ name: "0001.pack", length: 3 }],
      files: [],
      storedBytes: 3,
      rawBytes: 3,
    },
    source: {
      server: "pg1:5432",
      database: "Orders-DB",
      serverVersion: "15.18",
      clientVersion: "15.18",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      databaseBytes: 9,
    },
    takenAt: new Date(now).toISOString(),
  };
}
