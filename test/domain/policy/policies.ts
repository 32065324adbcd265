import { parsePolicy } from "../../../src/domain/policy/parse-policy.ts";
import type { BackupPolicy } from "../../../src/domain/policy/policy.ts";

/** ARM JSON of a policy, loose enough for tests to bend. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export const vaultStore = { dataStoreType: "VaultStore", objectType: "DataStoreInfoBase" };
export const archiveStore = { dataStoreType: "ArchiveStore", objectType: "DataStoreInfoBase" };

export const lifecycle = (duration: string, store: Loose = vaultStore, copies?: Loose): Loose => ({
  deleteAfter: { objectType: "AbsoluteDeleteOption", duration },
  sourceDataStore: store,
  ...(copies === undefined ? {} : { targetDataStoreCopySettings: copies }),
});

export const copyToArchive = (objectType: string, duration?: string): Loose => ({
  dataStore: archiveStore,
  copyAfter: { objectType, ...(duration === undefined ? {} : { duration }) },
});

export const retentionRule = (name: string, ...lifecycles: Loose[]): Loose => ({
  name,
  objectType: "AzureRetentionRule",
  isDefault: name === "Default",
  lifecycles,
});

export const tag = (tagName: string, taggingPriority: number, ...criteria: Loose[]): Loose => ({
  tagInfo: { tagName, id: `${tagName}_` },
  taggingPriority,
  isDefault: tagName === "Default",
  ...(criteria.length === 0 ? {} : { criteria }),
});

export const absolute = (...absoluteCriteria: string[]): Loose => ({
  objectType: "ScheduleBasedBackupCriteria",
  absoluteCriteria,
});

export const generic = (criteria: Loose): Loose => ({
  objectType: "ScheduleBasedBackupCriteria",
  ...criteria,
});

export interface PolicyParts {
  intervals?: string[];
  timeZone?: string | undefined;
  tags?: Loose[];
  rules?: Loose[];
}

/** Weekly on Sunday 06:30 UTC, kept for three months, unless the parts say otherwise. */
export const policyJson = (parts: PolicyParts = {}): Loose => ({
  objectType: "BackupPolicy",
  datasourceTypes: ["Microsoft.DBforPostgreSQL/servers/databases"],
  policyRules: [
    {
      name: "BackupWeekly",
      objectType: "AzureBackupRule",
      backupParameters: { backupType: "Full", objectType: "AzureBackupParams" },
      dataStore: vaultStore,
      trigger: {
        objectType: "ScheduleBasedTriggerContext",
        schedule: {
          repeatingTimeIntervals: parts.intervals ?? ["R/2021-08-15T06:30:00+00:00/P1W"],
          ...(parts.timeZone === undefined ? {} : { timeZone: parts.timeZone }),
        },
        taggingCriteria: [tag("Default", 99), ...(parts.tags ?? [])],
      },
    },
    retentionRule("Default", lifecycle("P3M")),
    ...(parts.rules ?? []),
  ],
});

/** Parses or fails the test with every problem. */
export function parsed(json: Loose): BackupPolicy {
  const result = parsePolicy(json);
  if (!result.ok) throw new Error(result.error.map((problem) => problem.message).join("\n"));
  return result.value;
}

export const policyOf = (parts: PolicyParts = {}): BackupPolicy => parsed(policyJson(parts));

export const at = (iso: string): number => Date.parse(iso);
export const iso = (instant: number): string =>
  new Date(instant).toISOString().replace(":00.000Z", "Z");
