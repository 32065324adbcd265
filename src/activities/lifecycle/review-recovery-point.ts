import { type Instant, parseInstant } from "../../domain/instant.ts";
import type { Manifest } from "../../domain/manifest.ts";
import { type LifecyclePlan, planLifecycle } from "../../domain/policy/lifecycle.ts";
import type { RecoveryPoint } from "../../domain/recovery-point.ts";
import { presentRecoveryPoint } from "../../domain/recovery-point-record.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { leaseName, recoveryPointFolder } from "../../domain/vault-paths.ts";
import type { ActivityPorts } from "../ports.ts";
import { readManifest } from "../read-manifest.ts";
import { applyPlan } from "./apply-plan.ts";
import { deleteFolder } from "./move-packs.ts";
import { storeOf } from "./stores.ts";

export interface Review {
  /** What was done, for the log. */
  readonly action: LifecyclePlan["action"] | "Postponed" | "Gone";
  readonly reason: string;
  /** When to look again; undefined: never, there is nothing left. */
  readonly reviewAt: Instant | undefined;
}

/** A busy instance is looked at again this soon, a held one this seldom. */
const busyReviewMs = 5 * 60_000;
const heldReviewMs = 24 * 3_600_000;

/**
 * Does the one thing that the lifecycle asks of a recovery point now. Takes the instance's lease, so
 * that nothing is expired or moved under a running restore. Every step may be repeated.
 */
export const createReviewRecoveryPoint =
  (ports: ActivityPorts) =>
  async (ref: InstanceRef, recoveryPointId: string): Promise<Review> => {
    const holder = ports.ids.newGuid();
    const now = ports.clock.now();
    if ((await ports.leases.acquire(leaseName(ref), holder)) === "held") {
      const reason = "another operation of the backup instance is running";
      return { action: "Postponed", reason, reviewAt: now + busyReviewMs };
    }
    try {
      return await review(ports, ref, recoveryPointId, now);
    } finally {
      await ports.leases.release(leaseName(ref), holder);
    }
  };

async function review(
  ports: ActivityPorts,
  ref: InstanceRef,
  recoveryPointId: string,
  now: Instant,
): Promise<Review> {
  const manifest = await readManifest(ports, ref, recoveryPointId);
  if (manifest === undefined) {
    // No manifest, no recovery point: what is left of it is freed.
    await ports.catalog.recoveryPoints.delete(ref, recoveryPointId);
    await deleteFolder(ports.blobs, recoveryPointFolder(ref, recoveryPointId));
    return { action: "Gone", reason: "it has no manifest", reviewAt: undefined };
  }
  const instance = await ports.catalog.instances.get(ref);
  const point =
    (await ports.catalog.recoveryPoints.get(ref, recoveryPointId))?.value ??
    presentRecoveryPoint(manifest);
  const plan = planLifecycle(lifecyclePointOf(point, manifest), now, {
    isNewestGood: await isNewestGood(ports, ref, recoveryPointId),
    protectionState: instance?.value.protectionState ?? "ProtectionStopped",
  });
  const reviewAt = await applyPlan(ports, ref, { plan, point, manifest, now });
  const { action, reason } = plan;
  return { action, reason, reviewAt: reviewAt ?? plan.reviewAt ?? now + heldReviewMs };
}

const lifecyclePointOf = (point: RecoveryPoint, { retention }: Manifest) => {
  const rehydratedUntilAt = parse(storeOf(point, "ArchiveStore")?.rehydrationExpiresAt);
  return {
    promise: {
      vaultExpiryAt: Date.parse(retention.vaultStoreExpiresAt),
      expiryAt: Date.parse(retention.expiresAt),
      ...(retention.archive === undefined
        ? {}
        : {
            archive: {
              option: retention.archive.option,
              dueAt: Date.parse(retention.archive.dueAt),
              expiryAt: Date.parse(retention.archive.expiresAt),
            },
          }),
    },
    isInVaultStore: storeOf(point, "VaultStore") !== undefined,
    isInArchiveStore: storeOf(point, "ArchiveStore") !== undefined,
    ...(rehydratedUntilAt === undefined ? {} : { rehydratedUntilAt }),
    isExpired: false,
  };
};

const parse = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : parseInstant(text);

/** Newest first, this many are looked at for one that no verification found damaged. */
const newestLimit = 20;

async function isNewestGood(
  { catalog }: ActivityPorts,
  ref: InstanceRef,
  recoveryPointId: string,
): Promise<boolean> {
  const { items } = await catalog.recoveryPoints.list(ref, { limit: newestLimit });
  const newest = items.find((point) => point.verification?.passed !== false);
  // When none is known good, none is given up.
  return newest === undefined || newest.id === recoveryPointId;
}
