import { formatInstant, type Instant } from "../instant.ts";
import { addDuration } from "./durations.ts";
import type { ArchiveCopy, RetentionRule } from "./policy.ts";

/**
 * What a recovery point is promised, stamped on it when it is committed. Later changes of the
 * policy do not touch it: a promise is kept as it was given, and so is never shortened.
 */
export interface RetentionPromise {
  readonly ruleName: string;
  /** Until then the vault store keeps its copy. */
  readonly vaultExpiryAt: Instant;
  readonly archive?: ArchivePromise;
  /** End of the last copy's retention: the recovery point's own expiry. */
  readonly expiryAt: Instant;
  readonly reason: string;
}

export interface ArchivePromise {
  readonly option: ArchiveCopy["option"];
  /** When the copy into the archive store is to be made. */
  readonly dueAt: Instant;
  /** Never before the vault copy's expiry. */
  readonly expiryAt: Instant;
}

/**
 * Promise to a recovery point whose retention rule is decided. The vault's duration counts from
 * completion of the backup. The archive's counts from the instant at which the copy is due, which is
 * the longest reading of Azure's documents and does not depend on how long the copying took.
 */
export function decideExpiry(rule: RetentionRule, completedAt: Instant): RetentionPromise {
  const vaultExpiryAt = addDuration(completedAt, rule.vault.deleteAfter);
  const vaultReason = `rule ${rule.name}: ${rule.vault.deleteAfter} in VaultStore from ${formatInstant(completedAt)}`;
  const copy = rule.vault.archiveCopy;
  if (copy === undefined || rule.archive === undefined)
    return { ruleName: rule.name, vaultExpiryAt, expiryAt: vaultExpiryAt, reason: vaultReason };
  const dueAt = copyDueAt(copy, completedAt, vaultExpiryAt);
  const { deleteAfter } = rule.archive;
  const expiryAt = Math.max(addDuration(dueAt, deleteAfter), vaultExpiryAt);
  return {
    ruleName: rule.name,
    vaultExpiryAt,
    archive: { option: copy.option, dueAt, expiryAt },
    expiryAt,
    reason: `${vaultReason}, then ${deleteAfter} in ArchiveStore from ${formatInstant(dueAt)} (${copy.option})`,
  };
}

function copyDueAt(copy: ArchiveCopy, completedAt: Instant, vaultExpiryAt: Instant): Instant {
  switch (copy.option) {
    case "ImmediateCopyOption":
      return completedAt;
    case "CopyOnExpiryOption":
      return vaultExpiryAt;
    case "CustomCopyOption":
      return Math.min(addDuration(completedAt, copy.duration), vaultExpiryAt);
  }
}
