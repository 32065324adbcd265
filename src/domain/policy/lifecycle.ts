import type { ProtectionState } from "../backup-instance.ts";
import { dayMs, formatInstant, type Instant } from "../instant.ts";
import type { RetentionPromise } from "./retention.ts";

/** A committed recovery point as the lifecycle sees it. */
export interface LifecyclePoint {
  readonly promise: Omit<RetentionPromise, "ruleName" | "reason">;
  readonly isInVaultStore: boolean;
  readonly isInArchiveStore: boolean;
  /** A rehydrated copy exists and is promised until then; absent: there is none. */
  readonly rehydratedUntilAt?: Instant;
  /** Retention has removed it from the catalogue; its blobs wait for the purge. */
  readonly isExpired: boolean;
}

export interface LifecycleContext {
  /** No later recovery point of the instance is good (complete, verified, not expired). */
  readonly isNewestGood: boolean;
  readonly protectionState: ProtectionState;
}

/**
 * - Keep: nothing to do before `reviewAt`.
 * - CopyToArchive: add a copy in the archive store; the vault store keeps its own.
 * - MoveToArchive: the archive store takes the place of the vault store.
 * - RemoveFromVault: the archive store has its copy; the vault store's promise has ended.
 * - EndRehydration: remove the rehydrated copy; the archived original stays.
 * - Expire: take the recovery point out of the catalogue.
 * - Purge: free the blobs of an expired recovery point.
 */
export type LifecycleAction =
  | "Keep"
  | "CopyToArchive"
  | "MoveToArchive"
  | "RemoveFromVault"
  | "EndRehydration"
  | "Expire"
  | "Purge";

export interface LifecyclePlan {
  readonly action: LifecycleAction;
  readonly reason: string;
  /**
   * When to plan again, for the expiry index: `now` after an action (one step at a time, so that a
   * crash between two repeats only one). Undefined: time alone changes nothing; whoever resumes
   * protection plans anew.
   */
  readonly reviewAt: Instant | undefined;
}

/**
 * A promise that has ended but waits for a newer good recovery point is looked at this often.
 * Committing the newer one should plan its predecessor anew at once; this is the safety net.
 */
export const newestReviewIntervalMs = dayMs;

/** What to do with a recovery point now. */
export function planLifecycle(
  point: LifecyclePoint,
  now: Instant,
  context: LifecycleContext,
): LifecyclePlan {
  const { rehydratedUntilAt: rehydratedAt } = point;
  if (rehydratedAt !== undefined && rehydratedAt <= now)
    return act("EndRehydration", `Rehydrated until ${formatInstant(rehydratedAt)}`, now);
  const hold = holdReason[context.protectionState];
  if (hold !== undefined) return { action: "Keep", reason: hold, reviewAt: rehydratedAt };
  const end = planEnd(point, now, context);
  if (end !== undefined) return end;
  const archive = planArchive(point, now, context);
  if (archive !== undefined) return archive;
  return keepUntilNext(point, now);
}

/** Expiry and purge; undefined while the promise lasts. */
function planEnd(
  point: LifecyclePoint,
  now: Instant,
  context: LifecycleContext,
): LifecyclePlan | undefined {
  const { expiryAt } = point.promise;
  if (now < expiryAt) return undefined;
  const ended = `retention ended at ${formatInstant(expiryAt)}`;
  if (context.isNewestGood)
    return keepNewest(`Newest good recovery point, though ${ended}`, point, now);
  if (point.rehydratedUntilAt !== undefined) {
    const until = formatInstant(point.rehydratedUntilAt);
    const reason = `Rehydrated copy is promised until ${until}, though ${ended}`;
    return { action: "Keep", reason, reviewAt: point.rehydratedUntilAt };
  }
  return point.isExpired
    ? act("Purge", `Expired, ${ended}`, now)
    : act("Expire", `Its ${ended}`, now);
}

/** Steps into the archive store; undefined while none is due. */
function planArchive(
  point: LifecyclePoint,
  now: Instant,
  context: LifecycleContext,
): LifecyclePlan | undefined {
  const { archive, vaultExpiryAt } = point.promise;
  if (archive === undefined || now < archive.dueAt) return undefined;
  const due = `${archive.option} due at ${formatInstant(archive.dueAt)}`;
  if (!point.isInArchiveStore && archive.option !== "CopyOnExpiryOption")
    return act("CopyToArchive", due, now);
  if (!point.isInVaultStore || now < vaultExpiryAt) return undefined;
  const ended = `VaultStore retention ended at ${formatInstant(vaultExpiryAt)}`;
  // Archived data takes hours to read: the one to restore in an emergency stays at hand.
  if (context.isNewestGood)
    return keepNewest(
      `Newest good recovery point stays in VaultStore, though ${ended}`,
      point,
      now,
    );
  return point.isInArchiveStore
    ? act("RemoveFromVault", `Archived, and ${ended}`, now)
    : act("MoveToArchive", due, now);
}

const act = (action: LifecycleAction, reason: string, now: Instant): LifecyclePlan => ({
  action,
  reason,
  reviewAt: now,
});

function keepNewest(reason: string, point: LifecyclePoint, now: Instant): LifecyclePlan {
  const review = now + newestReviewIntervalMs;
  return { action: "Keep", reason, reviewAt: Math.min(review, point.rehydratedUntilAt ?? review) };
}

function keepUntilNext(point: LifecyclePoint, now: Instant): LifecyclePlan {
  const { archive, vaultExpiryAt, expiryAt } = point.promise;
  const milestones = [archive?.dueAt, vaultExpiryAt, expiryAt, point.rehydratedUntilAt];
  const ahead = milestones.filter((at) => at !== undefined && at > now);
  const reviewAt = ahead.reduce(
    (first, at) => Math.min(first ?? expiryAt, at ?? expiryAt),
    expiryAt,
  );
  return { action: "Keep", reason: `Kept until ${formatInstant(expiryAt)}`, reviewAt };
}

/**
 * States in which nothing is moved, expired or purged. "Stop protection" retains forever; the data
 * of a soft-deleted instance ends by its purge time, not by retention. Suspending backups is no
 * hold: recovery points expire by their promise, except the newest good one, as always.
 */
const holdReason: Readonly<Record<ProtectionState, string | undefined>> = {
  ProtectionStopped: "Protection is stopped and data retained: kept until protection resumes",
  SoftDeleting: "Backup instance is being deleted: kept until its purge",
  SoftDeleted: "Backup instance is soft-deleted: kept until its purge or until it is undeleted",
  NotProtected: "Backup instance is not protected: kept until protection is configured",
  ConfiguringProtection: undefined,
  ConfiguringProtectionFailed: undefined,
  ProtectionConfigured: undefined,
  UpdatingProtection: undefined,
  ProtectionError: undefined,
  BackupSchedulesSuspended: undefined,
};

/** Azure Storage bills an archived blob for this long at least (azure-facts.md §12). */
export const archiveMinimumDays = 180;

/** Days of archive storage that are billed although the copy is removed now. */
export const archiveEarlyDeletionDays = (archivedAt: Instant, now: Instant): number =>
  Math.max(0, archiveMinimumDays - Math.floor((now - archivedAt) / dayMs));
