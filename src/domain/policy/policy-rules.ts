import { fieldOf, hasValue, type JsonPlace, report } from "./json-place.ts";
import { type BackupRule, isSameName, type RetentionRule } from "./policy.ts";

export const maxPolicyRules = 50;

/** A rule and where it was read; `rule` is undefined if it could not be understood. */
export interface ReadRule<Rule> {
  readonly place: JsonPlace;
  readonly rule: Rule | undefined;
}

/**
 * What must hold between the rules of a policy. A retention rule without a tag is allowed: no
 * scheduled backup gets it, but an on-demand backup may name it.
 */
export function checkRules(
  place: JsonPlace,
  backupRules: readonly ReadRule<BackupRule>[],
  retentionRules: readonly ReadRule<RetentionRule>[],
): void {
  const list = fieldOf(place, "policyRules");
  if (hasValue(list) && !isReadable(list.value)) return;
  if (backupRules.length === 0) report(list, "an AzureBackupRule");
  for (const extra of backupRules.slice(1)) report(extra.place, "only one AzureBackupRule");
  checkNames([...backupRules, ...retentionRules]);
  checkDefault(list, retentionRules);
  const backupRule = backupRules[0];
  if (backupRule !== undefined) checkTagsHaveRules(backupRule, retentionRules);
}

function checkNames(rules: readonly ReadRule<{ readonly name: string }>[]): void {
  const seen = new Set<string>();
  for (const { place } of rules) {
    const field = fieldOf(place, "name");
    if (typeof field.value !== "string") continue;
    const name = field.value.trim().toLowerCase();
    if (seen.has(name)) report(field, "a name that no other rule of the policy has");
    seen.add(name);
  }
}

function checkDefault(list: JsonPlace, rules: readonly ReadRule<RetentionRule>[]): void {
  const isDefault = ({ place }: ReadRule<RetentionRule>) =>
    fieldOf(place, "isDefault").value === true;
  const defaults = rules.filter(isDefault);
  if (defaults.length === 0) report(list, "an AzureRetentionRule with isDefault true");
  for (const extra of defaults.slice(1))
    report(fieldOf(extra.place, "isDefault"), "exactly one retention rule with isDefault true");
}

/** A tag's recovery points are kept by the rule of the same name; the default's by the default. */
function checkTagsHaveRules(
  backupRule: ReadRule<BackupRule>,
  retentionRules: readonly ReadRule<RetentionRule>[],
): void {
  const tags = fieldOf(fieldOf(backupRule.place, "trigger"), "taggingCriteria");
  if (!Array.isArray(tags.value)) return;
  tags.value.forEach((value: unknown, index) => {
    const tag = { path: `${tags.path}[${index}]`, value, problems: tags.problems };
    const name = fieldOf(fieldOf(tag, "tagInfo"), "tagName");
    if (typeof name.value !== "string" || name.value.trim() === "") return;
    const tagName = name.value.trim();
    const rule = retentionRules.find(({ place }) => {
      const ruleName = fieldOf(place, "name").value;
      return typeof ruleName === "string" && isSameName(ruleName.trim(), tagName);
    });
    if (rule === undefined) report(name, "the name of a retention rule of the policy");
    else if (isTrue(tag, "isDefault") !== isTrue(rule.place, "isDefault"))
      report(name, "a default tag with the default retention rule's name, and no other with it");
  });
}

const isTrue = (place: JsonPlace, name: string): boolean => fieldOf(place, name).value === true;

/** Whether its rules were read at all; if not, that is problem enough. */
const isReadable = (list: unknown): boolean => Array.isArray(list) && list.length <= maxPolicyRules;
