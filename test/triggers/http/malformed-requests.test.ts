import { beforeAll, describe, expect, test } from "vitest";
import { recordedPoint } from "../../contract/recorded-state.ts";
import { malformedPolicies } from "../../domain/policy/malformed-policies.ts";
import type { Loose } from "../../domain/policy/policies.ts";
import { instanceId, seedSample } from "./sample-requests.ts";
import { createTestApi, type TestApi, vaultBody, vaultId } from "./test-api.ts";

/** A lone object stands for a list of one, as some clients send it. */
const tolerated = new Set(["lifecycles no array"]);

describe("a malformed policy", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = createTestApi();
    await api.send("PUT", vaultId, vaultBody);
  });

  test.each(malformedPolicies.filter(([what]) => !tolerated.has(what)))(
    "%s is refused, naming where",
    async (_what, properties, problems) => {
      const answer = await api.send("PUT", `${vaultId}/backupPolicies/p`, { properties });
      expect(answer.status).toBe(400);
      const { code, target, message } = answer.body.error;
      const [first] = problems;
      // What is wrong with the JSON's shape is found first, what is wrong with its sense after it.
      expect([first?.[0], "InvalidRequestContent"]).toContain(code);
      expect(target.startsWith(first?.[1])).toBe(true);
      expect(message).toContain(target);
      expect((await api.send("GET", `${vaultId}/backupPolicies/p`)).status).toBe(404);
    },
  );
});

const shape = "InvalidRequestContent";
const invalid = "BMSUserErrorInvalidInput";
const unsupported = "UserErrorNotSupported";

const restore = (changes: Loose = {}, target: Loose = {}): Loose => ({
  objectType: "AzureBackupRecoveryPointBasedRestoreRequest",
  recoveryPointId: recordedPoint.id,
  sourceDataStoreType: "VaultStore",
  ...changes,
  restoreTargetInfo: {
    objectType: "RestoreTargetInfo",
    recoveryOption: "FailIfExists",
    restoreLocation: "westeurope",
    datasourceInfo: {
      objectType: "Datasource",
      datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      resourceID:
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/servers/s/databases/copy",
      resourceName: "copy",
      resourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      resourceLocation: "westeurope",
      resourceUri: "",
    },
    datasourceAuthCredentials: {
      objectType: "SecretStoreBasedAuthCredentials",
      secretStoreResource: {
        uri: "https://kv.vault.azure.net/secrets/s",
        secretStoreType: "AzureKeyVault",
      },
    },
    ...target,
  },
});
const thaw = (changes: Loose = {}): Loose =>
  restore({
    objectType: "AzureBackupRestoreWithRehydrationRequest",
    sourceDataStoreType: "ArchiveStore",
    rehydrationPriority: "High",
    rehydrationRetentionDuration: "P15D",
    ...changes,
  });
const backup = (ruleName: unknown, retentionTagOverride?: unknown): Loose => ({
  backupRuleOptions: {
    ruleName,
    ...(retentionTagOverride === undefined ? {} : { triggerOption: { retentionTagOverride } }),
  },
});
const rehydrate = (changes: Loose = {}): Loose => ({
  recoveryPointId: recordedPoint.id,
  rehydrationPriority: "Standard",
  rehydrationRetentionDuration: "P15D",
  ...changes,
});

type Row = readonly [what: string, action: string, body: unknown, code: string, target: string];

const requests: readonly Row[] = [
  ["a backup without body", "backup", undefined, shape, ""],
  ["a backup that is a text", "backup", '"now"', shape, ""],
  ["a backup that is no JSON", "backup", "{", shape, ""],
  ["a backup without options", "backup", {}, shape, "backupRuleOptions"],
  ["options that are a list", "backup", { backupRuleOptions: [] }, shape, "backupRuleOptions"],
  ["no rule", "backup", { backupRuleOptions: {} }, shape, "backupRuleOptions.ruleName"],
  ["an empty rule", "backup", backup(""), shape, "backupRuleOptions.ruleName"],
  ["a rule by number", "backup", backup(7), shape, "backupRuleOptions.ruleName"],
  ["an endless rule", "backup", backup("x".repeat(151)), shape, "backupRuleOptions.ruleName"],
  [
    "an override by number",
    "backup",
    backup("BackupWeekly", 7),
    shape,
    "backupRuleOptions.triggerOption.retentionTagOverride",
  ],
  [
    "an empty override",
    "backup",
    backup("BackupWeekly", ""),
    shape,
    "backupRuleOptions.triggerOption.retentionTagOverride",
  ],
  ["a restore without body", "restore", undefined, shape, ""],
  ["a restore of no type", "restore", restore({ objectType: undefined }), shape, "objectType"],
  ["a restore of a foreign type", "restore", restore({ objectType: "X" }), shape, "objectType"],
  [
    "a restore to a point in time",
    "restore",
    restore({
      objectType: "AzureBackupRecoveryTimeBasedRestoreRequest",
      recoveryPointTime: "2026-01-01T00:00:00Z",
    }),
    unsupported,
    "objectType",
  ],
  [
    "a restore of no recovery point",
    "restore",
    restore({ recoveryPointId: undefined }),
    shape,
    "recoveryPointId",
  ],
  [
    "a restore of an endless recovery point",
    "restore",
    restore({ recoveryPointId: "x".repeat(129) }),
    shape,
    "recoveryPointId",
  ],
  [
    "a restore from an unknown store",
    "restore",
    restore({ sourceDataStoreType: "Cupboard" }),
    shape,
    "sourceDataStoreType",
  ],
  [
    "a restore from the operational store",
    "restore",
    restore({ sourceDataStoreType: "OperationalStore" }),
    unsupported,
    "sourceDataStoreType",
  ],
  [
    "a restore to nowhere",
    "restore",
    { ...restore(), restoreTargetInfo: undefined },
    shape,
    "restoreTargetInfo",
  ],
  [
    "a restore to a foreign target",
    "restore",
    restore({}, { objectType: "Moon" }),
    shape,
    "restoreTargetInfo.objectType",
  ],
  [
    "a thaw without duration",
    "restore",
    thaw({ rehydrationRetentionDuration: 15 }),
    shape,
    "rehydrationRetentionDuration",
  ],
  [
    "a thaw for weeks",
    "restore",
    thaw({ rehydrationRetentionDuration: "P2W" }),
    shape,
    "rehydrationRetentionDuration",
  ],
  [
    "a thaw for too short",
    "restore",
    thaw({ rehydrationRetentionDuration: "P9D" }),
    invalid,
    "rehydrationRetentionDuration",
  ],
  [
    "a thaw for too long",
    "restore",
    thaw({ rehydrationRetentionDuration: "P31D" }),
    invalid,
    "rehydrationRetentionDuration",
  ],
  [
    "a thaw of unknown priority",
    "restore",
    thaw({ rehydrationPriority: "Now" }),
    shape,
    "rehydrationPriority",
  ],
  ["a rehydration without body", "rehydrate", undefined, shape, ""],
  [
    "a rehydration of nothing",
    "rehydrate",
    rehydrate({ recoveryPointId: "" }),
    shape,
    "recoveryPointId",
  ],
  [
    "a rehydration for no days",
    "rehydrate",
    rehydrate({ rehydrationRetentionDuration: "P0D" }),
    invalid,
    "rehydrationRetentionDuration",
  ],
  [
    "a rehydration for hours",
    "rehydrate",
    rehydrate({ rehydrationRetentionDuration: "PT240H" }),
    shape,
    "rehydrationRetentionDuration",
  ],
  [
    "a rehydration of unknown priority",
    "rehydrate",
    rehydrate({ rehydrationPriority: 1 }),
    shape,
    "rehydrationPriority",
  ],
  ["a stop that is a list", "stopProtection", [], shape, ""],
  ["a suspension that is a text", "suspendBackups", '"x"', shape, ""],
];

describe("a malformed request", () => {
  test.each(requests)("%s is refused, naming where", async (_what, action, body, code, target) => {
    const api = createTestApi();
    await seedSample(api);
    const before = api.started.length;
    const answer = await api.send("POST", `${instanceId}/${action}`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe(code);
    expect(answer.body.error.target ?? "").toBe(target);
    if (code !== unsupported) expect(answer.body.error.message).toContain(target);
    expect(api.started).toHaveLength(before);
  });
});
