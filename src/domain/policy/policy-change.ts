import { addDuration } from "./durations.ts";
import {
  type BackupPolicy,
  isSameName,
  type RetentionRule,
  retentionRuleOf,
  type TaggingCriterion,
} from "./policy.ts";
import { decideExpiry } from "./retention.ts";

export type ImmutabilityState = "Disabled" | "Unlocked" | "Locked";

export interface PolicyChangeDecision {
  readonly verdict: "Allowed" | "Refused";
  readonly reason: string;
  /** What the change shortens for backups yet to come; existing recovery points keep their promise. */
  readonly shortened: readonly string[];
}

/**
 * Whether a policy may be replaced by another, by editing it or by giving an instance another one.
 * Recovery points keep what they were promised either way. An immutable vault refuses what would
 * keep coming backups for less: Azure says so of Recovery Services vaults, and an intruder who may
 * edit policies could otherwise empty a vault by waiting.
 */
export function decidePolicyChange(
  before: BackupPolicy,
  after: BackupPolicy,
  immutability: ImmutabilityState,
): PolicyChangeDecision {
  const shortened = [
    ...shortenedRules(before, after),
    ...lostTags(before, after),
    ...outrankedTags(before, after),
  ];
  if (shortened.length === 0)
    return { verdict: "Allowed", reason: "Shortens no retention", shortened };
  const list = shortened.join("; ");
  return immutability === "Disabled"
    ? { verdict: "Allowed", reason: `For coming backups only: ${list}`, shortened }
    : {
        verdict: "Refused",
        reason: `The vault is immutable (${immutability}): ${list}`,
        shortened,
      };
}

const shortenedRules = (before: BackupPolicy, after: BackupPolicy): readonly string[] =>
  before.retentionRules.flatMap((rule) => {
    const next = rule.isDefault
      ? after.retentionRules.find((candidate) => candidate.isDefault)
      : retentionRuleOf(after, rule.name);
    if (next === undefined) return [`retention rule ${rule.name} is gone`];
    return [
      ...shorter(`retention rule ${rule.name}, VaultStore`, rule, next, vaultSpanMs),
      ...shorter(`retention rule ${rule.name}, in all`, rule, next, totalSpanMs),
    ];
  });

function shorter(
  what: string,
  before: RetentionRule,
  after: RetentionRule,
  spanMs: (rule: RetentionRule) => number,
): readonly string[] {
  return spanMs(after) < spanMs(before) ? [`${what}, is shortened`] : [];
}

/** Spans are measured from a fixed instant, so that P1Y and P12M are equal. */
const referenceAt = 0;
const vaultSpanMs = (rule: RetentionRule): number =>
  addDuration(referenceAt, rule.vault.deleteAfter) - referenceAt;
const totalSpanMs = (rule: RetentionRule): number =>
  decideExpiry(rule, referenceAt).expiryAt - referenceAt;

/** Tags that backups got before and will not get any more, by removal or by changed criteria. */
function lostTags(before: BackupPolicy, after: BackupPolicy): readonly string[] {
  return before.backupRule.taggingCriteria.flatMap((tag) => {
    if (tag.isDefault) return [];
    const next = after.backupRule.taggingCriteria.find((candidate) =>
      isSameName(candidate.tagName, tag.tagName),
    );
    if (next === undefined) return [`tag ${tag.tagName} is given no more`];
    return isSubset(tag, next) ? [] : [`tag ${tag.tagName} may be given less often`];
  });
}

/** Whether every criterion of `tag` is among those of `next`; criteria are alternatives. */
const isSubset = (tag: TaggingCriterion, next: TaggingCriterion): boolean =>
  tag.criteria.every((criterion) =>
    next.criteria.some((other) => JSON.stringify(other) === JSON.stringify(criterion)),
  );

/** Tags that lose backups to another tag which is new above them and keeps for less. */
const outrankedTags = (before: BackupPolicy, after: BackupPolicy): readonly string[] =>
  after.backupRule.taggingCriteria.flatMap((tag) => {
    const rule = retentionRuleOf(after, tag.tagName);
    const above = tagsAbove(after, tag.tagName).filter((name) => {
      const other = retentionRuleOf(after, name);
      const isNewAbove = !tagsAbove(before, tag.tagName).some((known) => isSameName(known, name));
      return rule && other && isNewAbove && totalSpanMs(other) < totalSpanMs(rule);
    });
    const isKnown = before.backupRule.taggingCriteria.some((known) =>
      isSameName(known.tagName, tag.tagName),
    );
    return isKnown
      ? above.map((name) => `tag ${name} takes precedence over ${tag.tagName} and keeps for less`)
      : [];
  });

/** Tags that win over the named one; over the default tag, all others do. */
function tagsAbove(policy: BackupPolicy, tagName: string): readonly string[] {
  const tags = policy.backupRule.taggingCriteria;
  const tag = tags.find((candidate) => isSameName(candidate.tagName, tagName));
  if (tag === undefined) return [];
  const isAbove = (other: TaggingCriterion) =>
    !other.isDefault && (tag.isDefault || other.taggingPriority < tag.taggingPriority);
  return tags.filter((other) => other !== tag && isAbove(other)).map((other) => other.tagName);
}
