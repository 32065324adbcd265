import type { Instant } from "../instant.ts";
import { failed, ok, type Result } from "../result.ts";
import { type PolicyProblem, problemOf } from "./json-place.ts";
import {
  type BackupPolicy,
  defaultTagOf,
  isSameName,
  retentionRuleOf,
  type TaggingCriterion,
} from "./policy.ts";
import { matchCriterion } from "./tag-criteria.ts";

/** Which retention tag a recovery point gets, and why. */
export interface TagDecision {
  readonly tagName: string;
  /** The retention rule that keeps it: that of the same name. */
  readonly ruleName: string;
  readonly reason: string;
}

/** A committed recovery point of a scheduled backup; `backupAt` is its due instant. */
export interface TaggedBackup {
  readonly backupAt: Instant;
  readonly tagName: string;
}

export interface DecideTagInput {
  readonly policy: BackupPolicy;
  /** The due instant, so that a late run counts for the period in which it was due. */
  readonly backupAt: Instant;
  /**
   * Committed recovery points of scheduled backups, expired ones included (else a yearly tag kept
   * for months would be given again within its year). `rememberTaggedBackup` keeps what is needed.
   * On-demand backups do not count: one that is kept for days must not stand for a week's.
   */
  readonly history: readonly TaggedBackup[];
}

/** Tag of a scheduled backup: of all tags whose criteria it meets, the lowest priority number. */
export function decideTag({ policy, backupAt, history }: DecideTagInput): TagDecision {
  const tags = policy.backupRule.taggingCriteria
    .filter((tag) => !tag.isDefault)
    .toSorted((left, right) => left.taggingPriority - right.taggingPriority);
  const { timeZone } = policy.backupRule.schedule;
  for (const tag of tags) {
    const served = history.filter((backup) => isAtLeast(tags, backup.tagName, tag));
    const servedAt = served.map((backup) => backup.backupAt);
    for (const criterion of tag.criteria) {
      const match = matchCriterion(criterion, { backupAt, timeZone, servedAt });
      if (match === undefined) continue;
      const reason = `Tag ${tag.tagName} (priority ${tag.taggingPriority}): ${match}, ${timeZone}`;
      return decisionOf(policy, tag.tagName, reason);
    }
  }
  const { tagName } = defaultTagOf(policy);
  const reason =
    tags.length === 0
      ? `Tag ${tagName}: the policy has no other tag`
      : `Tag ${tagName}: no criteria of ${tags.map((tag) => tag.tagName).join(", ")} met`;
  return decisionOf(policy, tagName, reason);
}

/**
 * History in its shortest sufficient form: the newest backup of each tag. Keep it with the backup
 * instance, so that deciding needs no list of recovery points.
 */
export function rememberTaggedBackup(
  history: readonly TaggedBackup[],
  backup: TaggedBackup,
): readonly TaggedBackup[] {
  const same = history.find((known) => isSameName(known.tagName, backup.tagName));
  if (same !== undefined && same.backupAt >= backup.backupAt) return history;
  return [...history.filter((known) => known !== same), backup];
}

/** `backupRuleOptions` of an ad hoc backup request. */
export interface AdhocTagRequest {
  readonly ruleName: string;
  readonly retentionTagOverride?: string;
}

/**
 * Tag of an on-demand backup. `ruleName` names the backup rule (then the override or else the
 * default tag decides) or, as Azure's documentation has it, a retention rule. Names without case.
 */
export function decideAdhocTag(
  policy: BackupPolicy,
  { ruleName, retentionTagOverride }: AdhocTagRequest,
): Result<TagDecision, PolicyProblem> {
  const named = retentionRuleOf(policy, ruleName.trim());
  const isBackupRule = isSameName(policy.backupRule.name, ruleName.trim());
  if (!isBackupRule && named === undefined)
    return failed(
      unknownName("ruleName", ruleName, [policy.backupRule.name, ...ruleNames(policy)]),
    );
  const override = retentionTagOverride?.trim();
  if (override === undefined || override === "") {
    const rule = isBackupRule ? undefined : named;
    const tagName = rule?.name ?? defaultTagOf(policy).tagName;
    const reason =
      rule === undefined
        ? `Tag ${tagName}: on-demand backup under rule ${policy.backupRule.name}, no override`
        : `Tag ${tagName}: on-demand backup names retention rule ${rule.name}`;
    return ok(decisionOf(policy, tagName, reason));
  }
  const overriding = retentionRuleOf(policy, override);
  const path = "triggerOption.retentionTagOverride";
  if (overriding === undefined) return failed(unknownName(path, override, ruleNames(policy)));
  if (!isBackupRule && named !== overriding)
    return failed(
      problemOf(pathOf(path), override, `${named?.name}, the retention rule in ruleName`),
    );
  const reason = `Tag ${overriding.name}: on-demand backup with retention tag override`;
  return ok(decisionOf(policy, overriding.name, reason));
}

const pathOf = (field: string): string => `backupRuleOptions.${field}`;

const unknownName = (field: string, value: string, names: readonly string[]): PolicyProblem =>
  problemOf(pathOf(field), value, `one of ${names.join(", ")}`);

const ruleNames = (policy: BackupPolicy): readonly string[] =>
  policy.retentionRules.map((rule) => rule.name);

function decisionOf(policy: BackupPolicy, tagName: string, reason: string): TagDecision {
  const rule = retentionRuleOf(policy, tagName);
  if (rule === undefined) throw new Error(`A parsed policy has a rule for tag ${tagName}`);
  return { tagName, ruleName: rule.name, reason };
}

/**
 * Whether a backup with `tagName` serves `tag`'s period: it carries that tag or one that outranks
 * it. Under one policy this is "any earlier successful backup of the period". After a change of
 * policy it means that the next backup of the period gets the new tag, where "any" would leave the
 * rest of the year without its yearly recovery point.
 */
function isAtLeast(
  tags: readonly TaggingCriterion[],
  tagName: string,
  tag: TaggingCriterion,
): boolean {
  const known = tags.find((candidate) => isSameName(candidate.tagName, tagName));
  return known !== undefined && known.taggingPriority <= tag.taggingPriority;
}
