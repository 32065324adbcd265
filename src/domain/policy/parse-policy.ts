import { datasourceTypes as allDatasourceTypes, type DatasourceType } from "../datasource.ts";
import { failed, ok, type Result } from "../result.ts";
import {
  fieldOf,
  hasValue,
  isObject,
  isObjectType,
  itemsOf,
  type JsonPlace,
  notSupported,
  type PolicyProblem,
  report,
  wordOf,
} from "./json-place.ts";
import { parseBackupRule } from "./parse-backup-rule.ts";
import { parseRetentionRule } from "./parse-retention-rule.ts";
import type { BackupPolicy, BackupRule, RetentionRule } from "./policy.ts";
import { checkRules, maxPolicyRules, type ReadRule } from "./policy-rules.ts";

export interface ParsePolicyOptions {
  /** Datasource types that the vault protects; default: all that pgvault knows. */
  readonly datasourceTypes?: readonly DatasourceType[];
  /** Path of the document in problems; default `properties`. */
  readonly path?: string;
}

/**
 * Reads the `properties` of an ARM backup policy (camelCase keys; values in any case; unknown keys
 * are ignored, null means "not set"). Either a policy that keeps every rule, or all its problems.
 */
export function parsePolicy(
  properties: unknown,
  options: ParsePolicyOptions = {},
): Result<BackupPolicy, readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = [];
  const place = { path: options.path ?? "properties", value: properties ?? undefined, problems };
  const policy = readPolicy(place, options.datasourceTypes ?? allDatasourceTypes);
  return policy !== undefined && problems.length === 0 ? ok(policy) : failed(problems);
}

function readPolicy(
  place: JsonPlace,
  supported: readonly DatasourceType[],
): BackupPolicy | undefined {
  if (!isObject(place, "the properties of a BackupPolicy")) return undefined;
  isObjectType(place, ["BackupPolicy"]);
  const datasourceType = readDatasourceType(fieldOf(place, "datasourceTypes"), supported);
  const { backupRules, retentionRules } = readRules(fieldOf(place, "policyRules"));
  checkRules(place, backupRules, retentionRules);
  const backupRule = backupRules[0]?.rule;
  if (datasourceType === undefined || backupRule === undefined) return undefined;
  return {
    datasourceTypes: [datasourceType],
    backupRule,
    retentionRules: retentionRules.flatMap(({ rule }) => (rule === undefined ? [] : [rule])),
  };
}

function readDatasourceType(
  place: JsonPlace,
  supported: readonly DatasourceType[],
): DatasourceType | undefined {
  const items = itemsOf(place, maxPolicyRules);
  if (items.length !== 1 && (!hasValue(place) || Array.isArray(place.value)))
    report(place, `an array of exactly one of ${supported.join(", ")}`);
  const types = items.map((item) => wordOf(item, supported, notSupported));
  return types[0];
}

function readRules(place: JsonPlace): {
  readonly backupRules: readonly ReadRule<BackupRule>[];
  readonly retentionRules: readonly ReadRule<RetentionRule>[];
} {
  const backupRules: ReadRule<BackupRule>[] = [];
  const retentionRules: ReadRule<RetentionRule>[] = [];
  for (const item of itemsOf(place, maxPolicyRules)) {
    if (!isObject(item, "an AzureBackupRule or an AzureRetentionRule")) continue;
    const kind = wordOf(fieldOf(item, "objectType"), ["AzureBackupRule", "AzureRetentionRule"]);
    if (kind === "AzureBackupRule") backupRules.push({ place: item, rule: parseBackupRule(item) });
    if (kind === "AzureRetentionRule")
      retentionRules.push({ place: item, rule: parseRetentionRule(item) });
  }
  return { backupRules, retentionRules };
}
