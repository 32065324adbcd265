import type { BackupInstance } from "../domain/backup-instance.ts";
import type { BackUpTrigger } from "../domain/backup-trigger.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { type Instant, parseInstant } from "../domain/instant.ts";
import type { ManifestRetention } from "../domain/manifest.ts";
import { parsePolicy } from "../domain/policy/parse-policy.ts";
import { type BackupPolicy, retentionRuleOf } from "../domain/policy/policy.ts";
import { decideExpiry } from "../domain/policy/retention.ts";
import { decideAdhocTag, decideTag, type TagDecision } from "../domain/policy/tagging.ts";
import { loadPolicy } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/** Tag, rule, expiry and the reason for them, as the policy stands now. */
export async function decideRetention(
  ports: Pick<ActivityPorts, "catalog">,
  instance: BackupInstance,
  trigger: BackUpTrigger,
  completedAt: Instant,
): Promise<ManifestRetention> {
  const resource = await loadPolicy(ports, instance);
  const parsed = parsePolicy(resource.properties);
  if (!parsed.ok) {
    const detail = `Backup policy '${resource.name}': ${parsed.error[0]?.message ?? "not valid"}`;
    throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }));
  }
  const policy = parsed.value;
  const tag = decide(policy, instance, trigger);
  const rule = retentionRuleOf(policy, tag.ruleName);
  if (rule === undefined) throw new Error(`Tag ${tag.tagName} names no rule of ${resource.name}`);
  const promise = decideExpiry(rule, completedAt);
  return {
    policyName: resource.name,
    tag: tag.tagName,
    rule: promise.ruleName,
    reason: `${tag.reason}; ${promise.reason}`,
    tagVersion: ticksOf(parseInstant(resource.modifiedAt) ?? completedAt),
    vaultStoreExpiresAt: iso(promise.vaultExpiryAt),
    ...(promise.archive === undefined
      ? {}
      : {
          archive: {
            option: promise.archive.option,
            dueAt: iso(promise.archive.dueAt),
            expiresAt: iso(promise.archive.expiryAt),
          },
        }),
    expiresAt: iso(promise.expiryAt),
  };
}

function decide(
  policy: BackupPolicy,
  instance: BackupInstance,
  trigger: BackUpTrigger,
): TagDecision {
  if (trigger.kind === "scheduled") {
    const backupAt = parseInstant(trigger.dueAt);
    if (backupAt === undefined) throw new Error(`'${trigger.dueAt}' is not an instant`);
    return decideTag({ policy, backupAt, history: instance.taggedBackups ?? [] });
  }
  const decided = decideAdhocTag(policy, trigger);
  if (decided.ok) return decided.value;
  const { message: detail, path: target } = decided.error;
  throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }, { target }));
}

/** Milliseconds from 0001-01-01, where .NET begins to count, to 1970. */
const ticksEpochMs = 62_135_596_800_000;

/** .NET ticks (100 ns since 0001-01-01), as ARM writes versions of retention tags. */
const ticksOf = (at: Instant): string => (BigInt(at + ticksEpochMs) * 10_000n).toString();

const iso = (at: Instant): string => new Date(at).toISOString();
