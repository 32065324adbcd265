import type { ProtectionState } from "../../../src/domain/backup-instance.ts";
import { planLifecycle } from "../../../src/domain/policy/lifecycle.ts";
import { type BackupPolicy, retentionRuleOf } from "../../../src/domain/policy/policy.ts";
import { decideExpiry, type RetentionPromise } from "../../../src/domain/policy/retention.ts";
import {
  decideTag,
  rememberTaggedBackup,
  type TaggedBackup,
} from "../../../src/domain/policy/tagging.ts";

/** Drives the engine as the timers will: planning a point only when its `reviewAt` has come. */
export interface EnginePoint {
  dueAt: number;
  completedAt: number;
  tagName: string;
  promise: RetentionPromise;
  isInVaultStore: boolean;
  isInArchiveStore: boolean;
  isExpired: boolean;
  reviewAt: number | undefined;
  goneAt?: number;
}

export interface History {
  tagged: readonly TaggedBackup[];
  state?: ProtectionState;
}

export function enginePoint(
  policy: BackupPolicy,
  dueAt: number,
  completedAt: number,
  history: History,
): EnginePoint {
  const { tagName, ruleName } = decideTag({ policy, backupAt: dueAt, history: history.tagged });
  history.tagged = rememberTaggedBackup(history.tagged, { backupAt: dueAt, tagName });
  const rule = retentionRuleOf(policy, ruleName);
  if (rule === undefined) throw new Error(`no rule ${ruleName}`);
  const promise = decideExpiry(rule, completedAt);
  return {
    dueAt,
    completedAt,
    tagName,
    promise,
    isInVaultStore: true,
    isInArchiveStore: false,
    isExpired: false,
    reviewAt: completedAt,
  };
}

/** More steps than a point can take in one look: copy, leave the vault, expire, purge. */
const maxSteps = 8;

export function engineLifecycle(
  points: readonly EnginePoint[],
  now: number,
  protectionState: ProtectionState,
): void {
  const alive = points.filter((point) => point.goneAt === undefined);
  const newestAt = Math.max(...alive.map((point) => point.completedAt));
  for (const point of alive) {
    // Resuming protection plans every point anew; so does each look here at a held one.
    for (let step = 0; step < maxSteps && (point.reviewAt ?? now) <= now; step += 1) {
      const isNewestGood = point.completedAt === newestAt;
      const plan = planLifecycle(point, now, { isNewestGood, protectionState });
      point.reviewAt = plan.reviewAt;
      if (plan.action === "Keep") break;
      apply(point, plan.action, now);
      if (point.goneAt !== undefined) break;
    }
  }
}

function apply(point: EnginePoint, action: string, now: number): void {
  if (action === "CopyToArchive" || action === "MoveToArchive") point.isInArchiveStore = true;
  if (action === "RemoveFromVault" || action === "MoveToArchive") point.isInVaultStore = false;
  if (action === "Expire") point.isExpired = true;
  if (action === "Purge") point.goneAt = now;
}
