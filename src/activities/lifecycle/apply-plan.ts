import type { Instant } from "../../domain/instant.ts";
import type { Manifest } from "../../domain/manifest.ts";
import type { LifecyclePlan } from "../../domain/policy/lifecycle.ts";
import { archiveEarlyDeletionDays } from "../../domain/policy/lifecycle.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../../domain/recovery-point.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import {
  archiveFolder,
  manifestPath,
  packFolder,
  recoveryPointFolder,
  rehydratedFolder,
} from "../../domain/vault-paths.ts";
import { createDiscardAttempts } from "../discard-attempts.ts";
import type { ActivityPorts } from "../ports.ts";
import { archivePacks, copyPacks, deleteFolder } from "./move-packs.ts";
import { nextOnGrid } from "./plan-review.ts";
import { archivedFolder, storeOf, withStore } from "./stores.ts";
import { recordTiering } from "./tiering-job.ts";

export interface PlannedStep {
  readonly plan: LifecyclePlan;
  readonly point: RecoveryPoint;
  readonly manifest: Manifest;
  readonly now: Instant;
}

/** Copies inside a storage account take minutes at most. */
const copyReviewMs = 60_000;

/**
 * Carries out one step. Blobs change before the index where the index then says less than there is,
 * after it where it then says more: what the index offers can always be read. Answers when to look
 * again if that is sooner than the plan says.
 */
export async function applyPlan(
  ports: ActivityPorts,
  ref: InstanceRef,
  step: PlannedStep,
): Promise<Instant | undefined> {
  const { plan, manifest, point } = step;
  const id = manifest.recoveryPointId;
  const vaultFolder = packFolder(ref, id, manifest.attempt);
  switch (plan.action) {
    case "Keep":
      await settle(ports, ref, step);
      return undefined;
    case "CopyToArchive": {
      const target = archiveFolder(ref, id, manifest.attempt);
      const copied = await copyPacks(ports.blobs, manifest, vaultFolder, target, {
        tier: "Archive",
      });
      if (copied === "pending") return nextOnGrid(step.now, copyReviewMs, id);
      await recordTiering(ports, ref, point, "Archive", archiveReason(manifest));
      await save(ports, ref, withStore(point, "ArchiveStore", archiveStore(step)));
      return undefined;
    }
    case "MoveToArchive": {
      const moved = withStore(point, "ArchiveStore", archiveStore(step));
      await save(ports, ref, withStore(moved, "VaultStore", undefined));
      await archivePacks(ports.blobs, manifest, vaultFolder);
      await recordTiering(ports, ref, point, "Archive", archiveReason(manifest));
      return undefined;
    }
    case "RemoveFromVault":
      await save(ports, ref, withStore(point, "VaultStore", undefined));
      await deleteFolder(ports.blobs, vaultFolder);
      return undefined;
    case "EndRehydration":
      await endRehydration(ports, ref, step);
      return undefined;
    case "Expire":
    case "Purge":
      await noteEarlyDeletion(ports, ref, step);
      await ports.catalog.recoveryPoints.delete(ref, id);
      await ports.blobs.delete(manifestPath(ref, id));
      await deleteFolder(ports.blobs, recoveryPointFolder(ref, id));
      return step.now;
  }
}

/**
 * Makes the blobs what the index says: a step that was cut off after its index write is finished
 * when the recovery point is looked at again. Attempts that no manifest names go as well.
 */
async function settle(
  ports: ActivityPorts,
  ref: InstanceRef,
  { point, manifest }: PlannedStep,
): Promise<void> {
  await createDiscardAttempts(ports)({ instance: ref, jobId: manifest.jobId });
  if (storeOf(point, "VaultStore") !== undefined) return;
  const folder = packFolder(ref, manifest.recoveryPointId, manifest.attempt);
  if (archivedFolder(ref, manifest) !== folder) {
    await deleteFolder(ports.blobs, folder);
    return;
  }
  await archivePacks(ports.blobs, manifest, folder);
  await recordTiering(ports, ref, point, "Archive", archiveReason(manifest));
}

/** The same text whenever the step is finished. */
const archiveReason = ({ retention: { archive } }: Manifest): string =>
  archive === undefined ? "" : `${archive.option} due at ${archive.dueAt}`;

function archiveStore({ point, manifest, now }: PlannedStep): RecoveryPointStore {
  const expiresAt = manifest.retention.archive?.expiresAt ?? manifest.retention.expiresAt;
  const createdAt = storeOf(point, "ArchiveStore")?.createdAt ?? new Date(now).toISOString();
  return { id: `${point.jobId}-archive`, type: "ArchiveStore", createdAt, expiresAt };
}

/** Two index writes around the removal: readers stop first, and a cut-off removal is repeated. */
async function endRehydration(
  ports: ActivityPorts,
  ref: InstanceRef,
  { point, manifest }: PlannedStep,
): Promise<void> {
  const archived = storeOf(point, "ArchiveStore");
  if (archived === undefined) return;
  const { rehydrationExpiresAt: _, ...rest } = archived;
  const ending = { ...archived, rehydrationStatus: "DELETE_IN_PROGRESS" } as const;
  await save(ports, ref, withStore(point, "ArchiveStore", ending));
  await deleteFolder(
    ports.blobs,
    rehydratedFolder(ref, manifest.recoveryPointId, manifest.attempt),
  );
  const ended = { ...rest, rehydrationStatus: "DELETED" } as const;
  await save(ports, ref, withStore(point, "ArchiveStore", ended));
}

/** Azure bills an archived blob for 180 days at least; whoever reads the job shall know. */
async function noteEarlyDeletion(
  ports: ActivityPorts,
  ref: InstanceRef,
  { point, now }: PlannedStep,
): Promise<void> {
  const archived = storeOf(point, "ArchiveStore");
  if (archived === undefined) return;
  const days = archiveEarlyDeletionDays(Date.parse(archived.createdAt), now);
  if (days === 0) return;
  await recordTiering(
    ports,
    ref,
    point,
    "EarlyDeletion",
    `Expired from the archive store; Azure Storage bills ${days} more days for early deletion`,
  );
}

const save = (ports: ActivityPorts, ref: InstanceRef, point: RecoveryPoint): Promise<void> =>
  ports.catalog.recoveryPoints.upsert(ref, point);
