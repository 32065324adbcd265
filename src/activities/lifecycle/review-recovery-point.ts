import { dayMs, type Instant, minuteMs, parseInstant } from "../../domain/instant.ts";
import { isTerminal, type Job } from "../../domain/job.ts";
import type { Manifest } from "../../domain/manifest.ts";
import { type LifecyclePlan, planLifecycle } from "../../domain/policy/lifecycle.ts";
import { jobIdOf, type RecoveryPoint } from "../../domain/recovery-point.ts";
import { presentRecoveryPoint } from "../../domain/recovery-point-record.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { recoveryPointFolder } from "../../domain/vault-paths.ts";
import { firstReviewAt, indexRecoveryPoint } from "../index-recovery-point.ts";
import type { ActivityPorts } from "../ports.ts";
import { readManifest } from "../read-manifest.ts";
import { applyPlan } from "./apply-plan.ts";
import { lifecyclePointOf } from "./lifecycle-point.ts";
import { deleteFolder } from "./move-packs.ts";
import { nextOnGrid } from "./plan-review.ts";
import { whileAlone } from "./while-alone.ts";

export interface Review {
  /** What was done, for the log. */
  readonly action: LifecyclePlan["action"] | "Postponed" | "Gone";
  readonly reason: string;
  /** When to look again; not after now: at once. Undefined: never, there is nothing left. */
  readonly reviewAt: Instant | undefined;
}

/** A busy instance is looked at again this soon. */
const busyReviewMs = 5 * minuteMs;
/** Whoever resumes protection plans held points anew; this is the safety net under that. */
const heldReviewMs = 30 * dayMs;

/**
 * Does the one thing that the lifecycle asks of a recovery point now. Takes the instance's lease, so
 * that nothing is expired or moved under a running restore. Every step may be repeated.
 */
export const createReviewRecoveryPoint =
  (ports: ActivityPorts) =>
  async (ref: InstanceRef, recoveryPointId: string): Promise<Review> => {
    const now = ports.clock.now();
    const review = await whileAlone(ports, ref, () =>
      reviewAlone(ports, ref, recoveryPointId, now),
    );
    if (review !== "held") return review;
    const reason = "another operation of the backup instance is running";
    const reviewAt = nextOnGrid(now, busyReviewMs, recoveryPointId);
    return { action: "Postponed", reason, reviewAt };
  };

async function reviewAlone(
  ports: ActivityPorts,
  ref: InstanceRef,
  recoveryPointId: string,
  now: Instant,
): Promise<Review> {
  const job = (await ports.catalog.jobs.get(ref, jobIdOf(recoveryPointId)))?.value;
  if (job !== undefined && !isTerminal(job.status)) {
    const reviewAt = nextOnGrid(now, dayMs, recoveryPointId);
    return { action: "Postponed", reason: `its backup job ${job.id} is running`, reviewAt };
  }
  const manifest = await readManifest(ports, ref, recoveryPointId);
  if (manifest === undefined) {
    // No manifest, no recovery point: what a dump that came to nothing has left of it is freed.
    await ports.catalog.recoveryPoints.delete(ref, recoveryPointId);
    await deleteFolder(ports.blobs, recoveryPointFolder(ref, recoveryPointId));
    return { action: "Gone", reason: "it has no manifest", reviewAt: undefined };
  }
  const point = await findPoint(ports, ref, manifest, job, now);
  const lifecyclePoint = lifecyclePointOf(point, manifest);
  const instance = await ports.catalog.instances.get(ref);
  const plan = planLifecycle(lifecyclePoint, now, {
    isNewestGood: await isNewestGood(ports, ref, recoveryPointId, lifecyclePoint.promise, now),
    protectionState: instance?.value.protectionState ?? "ProtectionStopped",
  });
  const sooner = await applyPlan(ports, ref, { plan, point, manifest, now });
  const reviewAt = sooner ?? settledReviewAt(plan, lifecyclePoint.instants, recoveryPointId, now);
  return { action: plan.action, reason: plan.reason, reviewAt };
}

/** The index's record; one that a lost workflow never wrote is written now. */
async function findPoint(
  ports: ActivityPorts,
  ref: InstanceRef,
  manifest: Manifest,
  job: Job | undefined,
  now: Instant,
): Promise<RecoveryPoint> {
  const known = await ports.catalog.recoveryPoints.get(ref, manifest.recoveryPointId);
  if (known !== undefined) return known.value;
  // Later than that it may be on its way out: its record goes before its manifest.
  if (now < firstReviewAt(manifest)) {
    await indexRecoveryPoint(ports, ref, manifest, parseInstant(job?.details["DueTime"] ?? ""));
  }
  return presentRecoveryPoint(manifest);
}

/** Instants of the promise as they are, all others on the grid (see `nextOnGrid`). */
function settledReviewAt(
  { reviewAt }: LifecyclePlan,
  promised: readonly Instant[],
  recoveryPointId: string,
  now: Instant,
): Instant {
  if (reviewAt === undefined) return nextOnGrid(now, heldReviewMs, recoveryPointId);
  if (reviewAt <= now || promised.includes(reviewAt)) return reviewAt;
  return nextOnGrid(now, dayMs, recoveryPointId);
}

/** Newest first, this many are looked at for one that no verification found damaged. */
const newestLimit = 20;

/** Asked only when the answer decides: while a promise lasts, nobody lists recovery points. */
async function isNewestGood(
  { catalog }: ActivityPorts,
  ref: InstanceRef,
  recoveryPointId: string,
  promise: { readonly vaultExpiryAt: Instant },
  now: Instant,
): Promise<boolean> {
  if (now < promise.vaultExpiryAt) return false;
  for (const limit of [1, newestLimit]) {
    const { items } = await catalog.recoveryPoints.list(ref, { limit });
    const newest = items.find((point) => point.verification?.passed !== false);
    if (newest !== undefined) return newest.id === recoveryPointId;
  }
  // When none is known good, none is given up.
  return true;
}
