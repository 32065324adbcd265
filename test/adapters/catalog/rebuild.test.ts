import { describe, expect, it } from "vitest";
import { createCatalog } from "../../../src/adapters/catalog/catalog.ts";
import { rebuildCatalog } from "../../../src/adapters/catalog/rebuild.ts";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../../../src/adapters/memory/table-store.ts";
import type { Manifest } from "../../../src/domain/manifest.ts";
import { presentRecoveryPoint } from "../../../src/domain/recovery-point-record.ts";
import {
  archiveFolder,
  instancePath,
  manifestPath,
  packFolder,
  policyPath,
} from "../../../src/domain/vault-paths.ts";
import {
  instanceRef,
  sampleInstance,
  sampleManifest,
  samplePolicy,
  sampleVault,
  vaultRef,
} from "../../support/records.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A vault with one instance; its tables are then lost. */
async function lost() {
  const clock = createManualClock();
  const blobs = createMemoryBlobStore({ clock });
  const before = createCatalog({ tables: createMemoryTableStore(), blobs, clock });
  await before.vaults.create(sampleVault());
  await before.policies.create(samplePolicy());
  await before.instances.create(sampleInstance());
  const commit = async (manifest: Manifest) => {
    const id = manifest.recoveryPointId;
    const folder = packFolder(instanceRef, id, manifest.attempt);
    await blobs.put(`${folder}/0001.pack`, bytes("abc"));
    await blobs.put(manifestPath(instanceRef, id), bytes(JSON.stringify(manifest)));
    return `${folder}/0001.pack`;
  };
  const ports = { tables: createMemoryTableStore(), blobs, clock };
  return { ...ports, ports, commit, after: createCatalog(ports) };
}

const manifestOf = (n: number): Manifest =>
  sampleManifest({
    recoveryPointId: String(n).padStart(32, "0"),
    jobId: `job-${n}`,
    takenAt: `2026-01-0${n}T00:00:00.000Z`,
  });

describe("rebuilding the tables from the blobs alone", () => {
  it("brings back definitions, use of policies, claims and recovery points, twice the same", async () => {
    const { after, ports, commit } = await lost();
    await commit(manifestOf(1));
    await commit(manifestOf(2));
    for (let round = 1; round <= 2; round++) {
      expect(await rebuildCatalog(ports)).toEqual({
        vaults: 1,
        policies: 1,
        instances: [instanceRef],
        recoveryPoints: 2,
        problems: [],
      });
      expect((await after.vaults.get(vaultRef))?.value).toEqual(sampleVault());
      const policy = await after.policies.get({ ...vaultRef, policyName: "Daily" });
      expect(policy?.value).toEqual(samplePolicy());
      expect((await after.instances.get(instanceRef))?.value).toEqual(sampleInstance());
      expect(await after.instances.ofPolicy(vaultRef, "Daily", 9)).toEqual(["Orders-DB"]);
      const { resourceId } = sampleInstance().datasource;
      expect(await after.instances.holderOf(resourceId)).toEqual(instanceRef);
      const points = await after.recoveryPoints.list(instanceRef, { limit: 9 });
      expect(points.items).toEqual([manifestOf(2), manifestOf(1)].map(presentRecoveryPoint));
    }
  });

  it("keeps what the tables know better than the blobs", async () => {
    const { after, ports, commit } = await lost();
    await commit(manifestOf(1));
    const known = { ...presentRecoveryPoint(manifestOf(1)), friendlyName: "known better" };
    await after.recoveryPoints.upsert(instanceRef, known);
    await rebuildCatalog(ports);
    expect((await after.recoveryPoints.get(instanceRef, known.id))?.value).toEqual(known);
  });

  it("finds out in which stores the packs are", async () => {
    const { after, ports, commit, blobs } = await lost();
    await blobs.setTier(await commit(manifestOf(1)), "Archive");
    const copied = await commit(manifestOf(2));
    const copy = `${archiveFolder(instanceRef, manifestOf(2).recoveryPointId, "Attempt-1")}/0001.pack`;
    await blobs.startCopy(copied, copy, { tier: "Archive" });
    await commit(manifestOf(3));
    await rebuildCatalog(ports);
    const { items } = await after.recoveryPoints.list(instanceRef, { limit: 9 });
    expect(items.map((point) => point.stores.map((store) => store.type))).toEqual([
      ["VaultStore"],
      ["VaultStore", "ArchiveStore"],
      ["ArchiveStore"],
    ]);
  });

  it("names what it cannot use, and takes no packs without a manifest for a recovery point", async () => {
    const { after, ports, commit, blobs } = await lost();
    await commit(manifestOf(1));
    await blobs.put(manifestPath(instanceRef, "damaged"), bytes("{"));
    await blobs.put(`${packFolder(instanceRef, "uncommitted", "a")}/0001.pack`, bytes("x"));
    await blobs.delete(await commit(manifestOf(2)));
    await blobs.put(policyPath(vaultRef, "torn"), bytes('{"version":1,"kind":"policy"'));
    await blobs.put(policyPath(vaultRef, "renamed"), bytes(JSON.stringify({ version: 1 })));
    await blobs.put("vaults/notes.txt", bytes("not ours"));
    const stranger = { ...instanceRef, instanceName: "stranger" };
    const copied = new TextEncoder().encode(JSON.stringify(manifestOf(1)));
    await blobs.put(manifestPath(stranger, manifestOf(1).recoveryPointId), copied);
    const report = await rebuildCatalog(ports);
    expect(report.problems.map(({ path }) => path).sort()).toEqual(
      [
        manifestPath(instanceRef, "damaged"),
        manifestPath(instanceRef, manifestOf(2).recoveryPointId),
        manifestPath(stranger, manifestOf(1).recoveryPointId),
        policyPath(vaultRef, "renamed"),
        policyPath(vaultRef, "torn"),
        "vaults/notes.txt",
      ].sort(),
    );
    expect((await after.recoveryPoints.list(instanceRef, { limit: 9 })).items).toHaveLength(1);
    expect(await blobs.get(instancePath(instanceRef))).toBeDefined();
  });

  it("stops when the store does not answer, instead of reporting an empty vault", async () => {
    const { ports } = await lost();
    const blobs = { ...ports.blobs, get: () => Promise.reject(new Error("no answer")) };
    await expect(rebuildCatalog({ ...ports, blobs })).rejects.toThrow("no answer");
  });
});
