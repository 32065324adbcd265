import type { Instant } from "../domain/instant.ts";
import type { Manifest } from "../domain/manifest.ts";
import { rememberTaggedBackup } from "../domain/policy/tagging.ts";
import type { RecoveryPoint } from "../domain/recovery-point.ts";
import { presentRecoveryPoint } from "../domain/recovery-point-record.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import { planPredecessorReviews, reviewRow } from "./lifecycle/plan-review.ts";
import { changeInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Enters a committed recovery point into every index. Safe to repeat, and safe to be late: the
 * manifest alone is the truth.
 */
export async function indexRecoveryPoint(
  ports: Pick<ActivityPorts, "catalog" | "clock">,
  ref: InstanceRef,
  manifest: Manifest,
  scheduledAt: number | undefined,
): Promise<void> {
  const point: RecoveryPoint = presentRecoveryPoint(manifest);
  await ports.catalog.due.put(reviewRow(ref, point.id, firstReviewAt(manifest)));
  const known = await ports.catalog.recoveryPoints.get(ref, point.id);
  if (known === undefined) await ports.catalog.recoveryPoints.upsert(ref, point);
  await planPredecessorReviews(ports, ref, point.id);
  if (scheduledAt === undefined) return;
  const backup = { tagName: point.retentionTag, backupAt: scheduledAt };
  await changeInstance(ports, ref, (instance) => ({
    ...instance,
    taggedBackups: rememberTaggedBackup(instance.taggedBackups ?? [], backup),
  }));
}

/** The earliest instant at which the lifecycle has something to do. */
export function firstReviewAt({ retention }: Manifest): Instant {
  const { archive, vaultStoreExpiresAt, expiresAt } = retention;
  const milestones = [archive?.dueAt ?? expiresAt, vaultStoreExpiresAt, expiresAt];
  return Math.min(...milestones.map((at) => Date.parse(at)));
}
