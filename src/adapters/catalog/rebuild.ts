import type { BackupInstance } from "../../domain/backup-instance.ts";
import { FaultError, toFault } from "../../domain/fault.ts";
import { parseManifest } from "../../domain/parse-manifest.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import type { PolicyResource, Vault } from "../../domain/vault.ts";
import {
  guardsRoot,
  instancePath,
  parseVaultPath,
  policyPath,
  vaultPath,
  vaultsRoot,
} from "../../domain/vault-paths.ts";
import { type CatalogPorts, createCatalog } from "./catalog.ts";
import { type FoundRecoveryPoint, recordOf, recoveryPointsIn } from "./found-recovery-points.ts";
import { restoreGuard } from "./rebuild-guards.ts";
import { parseBlob } from "./record-codec.ts";

export interface RebuildReport {
  readonly vaults: number;
  readonly policies: number;
  readonly recoveryPoints: number;
  /** For the caller to plan their next backups and lifecycle reviews: due rows are not in blobs. */
  readonly instances: readonly InstanceRef[];
  /** Blobs that could not be used, and why; nothing is guessed from them. */
  readonly problems: readonly RebuildProblem[];
}

export interface RebuildProblem {
  readonly path: string;
  readonly reason: string;
}

interface Progress {
  vaults: number;
  policies: number;
  recoveryPoints: number;
  readonly instances: Map<string, InstanceRef>;
  readonly problems: RebuildProblem[];
}

/**
 * Writes the tables anew from the blobs alone: definitions from their mirrors, recovery points from
 * their manifests. Adds what is missing and leaves what is there, so it may run twice and beside a
 * working system. Jobs, operations and due rows are not in the blobs.
 */
export async function rebuildCatalog(ports: CatalogPorts): Promise<RebuildReport> {
  const progress: Progress = {
    vaults: 0,
    policies: 0,
    recoveryPoints: 0,
    instances: new Map(),
    problems: [],
  };
  // Twice over the names: instances must be known before their recovery points are placed.
  for await (const item of ports.blobs.list(vaultsRoot)) {
    await restoring(progress, item.path, () => restoreDefinition(ports, progress, item.path));
  }
  for await (const item of ports.blobs.list(guardsRoot)) {
    await restoring(progress, item.path, () => restoreGuard(ports, item.path));
  }
  for await (const found of recoveryPointsIn(ports.blobs)) {
    const restore = () => restoreRecoveryPoint(ports, progress, found);
    await restoring(progress, found.manifestPath, restore);
  }
  return { ...progress, instances: [...progress.instances.values()] };
}

/** A damaged blob is reported; a store that does not answer ends the rebuild. */
async function restoring(
  progress: Progress,
  path: string,
  restore: () => Promise<string | undefined>,
): Promise<void> {
  try {
    const reason = await restore();
    if (reason !== undefined) progress.problems.push({ path, reason });
  } catch (error) {
    if (!(error instanceof FaultError) || error.fault.code === "StorageUnavailable") throw error;
    progress.problems.push({ path, reason: toFault(error).message });
  }
}

async function restoreDefinition(
  ports: CatalogPorts,
  progress: Progress,
  path: string,
): Promise<string | undefined> {
  const kind = parseVaultPath(path)?.kind;
  if (kind === undefined) return "this is no path of the vault format";
  if (kind === "manifest" || kind === "pack") return undefined;
  const catalog = createCatalog(ports);
  const body = (await ports.blobs.get(path)) ?? new Uint8Array();
  switch (kind) {
    case "vault": {
      const vault = parseBlob<Vault>("vault", body);
      if (vault === undefined || vaultPath(vault) !== path) return mismatch("vault");
      await catalog.vaults.create(vault);
      progress.vaults += 1;
      return undefined;
    }
    case "policy": {
      const policy = parseBlob<PolicyResource>("policy", body);
      if (policy === undefined || policyPath(policy.vault, policy.name) !== path) {
        return mismatch("policy");
      }
      await catalog.policies.create(policy);
      progress.policies += 1;
      return undefined;
    }
    case "instance": {
      const instance = parseBlob<BackupInstance>("instance", body);
      if (instance === undefined) return mismatch("instance");
      const ref = { ...instance.vault, instanceName: instance.name };
      if (instancePath(ref) !== path) return mismatch("instance");
      return await restoreInstance(ports, progress, ref, instance);
    }
  }
}

const mismatch = (kind: string): string => `this is not the mirror of a ${kind} of that name`;

async function restoreInstance(
  ports: CatalogPorts,
  progress: Progress,
  ref: InstanceRef,
  instance: BackupInstance,
): Promise<string | undefined> {
  const { instances } = createCatalog(ports);
  const { resourceId } = instance.datasource;
  await instances.create(instance);
  progress.instances.set(instancePath(ref), ref);
  const holder = await instances.claimDatasource(resourceId, ref);
  if (instancePath(holder) === instancePath(ref)) return undefined;
  return `its datasource is protected by ${instancePath(holder)} as well`;
}

async function restoreRecoveryPoint(
  ports: CatalogPorts,
  progress: Progress,
  found: FoundRecoveryPoint,
): Promise<string | undefined> {
  const ref = progress.instances.get(found.instancePath);
  if (ref === undefined) return "its backup instance has no mirror; the manifest still restores";
  const body = (await ports.blobs.get(found.manifestPath)) ?? new Uint8Array();
  const manifest = parseManifest(new TextDecoder().decode(body), found.recoveryPointId);
  const { recoveryPoints } = createCatalog(ports);
  if ((await recoveryPoints.get(ref, manifest.recoveryPointId)) === undefined) {
    const point = recordOf(manifest, found.packs);
    if (point.stores.length === 0) return "its packs are missing";
    await recoveryPoints.upsert(ref, point);
  }
  progress.recoveryPoints += 1;
  return undefined;
}
