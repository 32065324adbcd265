import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backupInstanceResourceSchema } from "../../src/contract/backup-instance.ts";
import { canonical } from "../../src/contract/canonical.ts";
import { parseBody } from "../../src/contract/parse-body.ts";
import { backupPolicySchema, canonicalPolicy } from "../../src/contract/policy.ts";
import { restoreRequestSchema } from "../../src/contract/restore-request.ts";
import { exchangesOf, type JsonRecord, type JsonValue, readArmExample } from "./arm-example.ts";

const instanceBody = exchangesOf("rec-oss-backup-instance-create")[0]!.request.body!;
const restoreBody = exchangesOf("rec-oss-restore-trigger-alternate-location")[0]!.request.body!;
const policy = readArmExample("cli-default-policy-postgresql")["policy"] as JsonRecord;

describe("tolerant in", () => {
  test.each([
    ["a backup instance", backupInstanceResourceSchema, instanceBody],
    ["a restore request", restoreRequestSchema, restoreBody],
    ["a policy", backupPolicySchema, policy],
  ] as const)("%s reads the same in any spelling of its names", (_name, schema, body) => {
    const expected = parseBody(schema, body);
    expect(expected).toMatchObject({ ok: true });
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(4)), (choices) => {
        const respelled = respell(body, () => choices.next().value);
        expect(parseBody(schema, respelled)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("enum values are read in any casing and answered in the service's", () => {
    const body = JSON.parse(JSON.stringify(policy).replaceAll("VaultStore", "vaultstore"));
    const parsed = parseBody(backupPolicySchema, body);
    expect(JSON.stringify(parsed)).toContain('"VaultStore"');
    expect(JSON.stringify(parsed)).not.toContain('"vaultstore"');
  });

  test("the newer Criteria of az wins over the stale criteria, wherever it stands", () => {
    const tagging = { isDefault: false, taggingPriority: 20, tagInfo: { tagName: "Weekly" } };
    const stale = [{ objectType: "ScheduleBasedBackupCriteria", absoluteCriteria: ["AllBackup"] }];
    const fresh = [{ object_type: "ScheduleBasedBackupCriteria", days_of_the_week: ["sunday"] }];
    for (const both of [
      { Criteria: fresh, criteria: stale },
      { criteria: stale, Criteria: fresh },
    ]) {
      const parsed = parseBody(backupPolicySchema, withTagging({ ...tagging, ...both }));
      expect(parsed).toMatchObject({ ok: true });
      expect(JSON.stringify(parsed)).toContain('"daysOfTheWeek":["Sunday"]');
      expect(JSON.stringify(parsed)).not.toContain("AllBackup");
    }
  });

  test("az's object-valued copy settings become a list; null copy settings are not set", () => {
    const copy = {
      dataStore: { dataStoreType: "ArchiveStore", objectType: "DataStoreInfoBase" },
      copyAfter: { objectType: "CopyOnExpiryOption" },
    };
    expect(lifecycleWith(copy)).toEqual([copy]);
    expect(lifecycleWith(null)).toBeUndefined();
    expect(lifecycleWith([])).toEqual([]);
  });

  test("names that JavaScript treats specially do nothing", () => {
    const body = JSON.parse('{"__proto__":{"properties":1},"constructor":1,"properties":{}}');
    expect(canonical(backupInstanceResourceSchema, body)).toEqual({ properties: {} });
  });

  test("anything at all is either read or refused with a message, never thrown", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const schema of [
          backupInstanceResourceSchema,
          backupPolicySchema,
          restoreRequestSchema,
        ]) {
          const parsed = parseBody(schema, value);
          if (!parsed.ok) expect(parsed.error.message.length).toBeGreaterThan(20);
        }
      }),
    );
  });
});

test("tags get the ids that the service gives them", () => {
  const parsed = parseBody(backupPolicySchema, policy);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const { name: _, ...expected } = policy;
  expect(canonicalPolicy(parsed.value)).toEqual(expected);
});

/** Renames every property at random: other casings, snake_case, and nulls for what is not there. */
function respell(value: JsonValue | JsonRecord, choose: () => number): JsonValue {
  if (Array.isArray(value)) return value.map((item) => respell(item, choose));
  if (typeof value !== "object" || value === null) return value;
  const respelled = Object.entries(value).map(([name, member]): [string, JsonValue] => [
    [
      name,
      name.toUpperCase(),
      name.toLowerCase(),
      name.replaceAll(/[A-Z]+/g, (capitals) => `_${capitals.toLowerCase()}`),
      `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`,
    ][choose()] ?? name,
    respell(member, choose),
  ]);
  return Object.fromEntries([...respelled, ["unknownProperty", "dropped"]]);
}

function withTagging(tagging: JsonRecord): JsonRecord {
  const copy = structuredClone(policy);
  const [rule] = copy["policyRules"] as JsonRecord[];
  ((rule!["trigger"] as JsonRecord)["taggingCriteria"] as JsonValue[]).push(tagging);
  return copy;
}

function lifecycleWith(copySettings: JsonValue): unknown {
  const copy = structuredClone(policy);
  const [, rule] = copy["policyRules"] as JsonRecord[];
  (rule!["lifecycles"] as JsonRecord[])[0]!["targetDataStoreCopySettings"] = copySettings;
  const parsed = parseBody(backupPolicySchema, copy);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const [, retention] = parsed.value.policyRules;
  if (retention?.objectType !== "AzureRetentionRule") throw new Error("not a retention rule");
  return retention.lifecycles[0]?.targetDataStoreCopySettings;
}
