import type { DatasourceType } from "../datasource.ts";
import type { JsonObject } from "../json.ts";

/**
 * The policy that Azure's clients start from (`get-default-policy-template`): weekly on Sunday at
 * 06:30 UTC, kept for three months. `name` is a suggestion, not a property of the resource.
 */
export const defaultPolicyTemplate = (datasourceType: DatasourceType): JsonObject => ({
  name: defaultPolicyNames[datasourceType],
  objectType: "BackupPolicy",
  datasourceTypes: [datasourceType],
  policyRules: [
    {
      name: "BackupWeekly",
      objectType: "AzureBackupRule",
      backupParameters: { backupType: "Full", objectType: "AzureBackupParams" },
      dataStore: { dataStoreType: "VaultStore", objectType: "DataStoreInfoBase" },
      trigger: {
        schedule: {
          timeZone: "UTC",
          repeatingTimeIntervals: ["R/2021-08-15T06:30:00+00:00/P1W"],
        },
        taggingCriteria: [
          {
            isDefault: true,
            tagInfo: { id: "Default_", tagName: "Default" },
            taggingPriority: 99,
          },
        ],
        objectType: "ScheduleBasedTriggerContext",
      },
    },
    {
      name: "Default",
      objectType: "AzureRetentionRule",
      isDefault: true,
      lifecycles: [
        {
          deleteAfter: { duration: "P3M", objectType: "AbsoluteDeleteOption" },
          sourceDataStore: { dataStoreType: "VaultStore", objectType: "DataStoreInfoBase" },
          targetDataStoreCopySettings: [],
        },
      ],
    },
  ],
});

const defaultPolicyNames: Readonly<Record<DatasourceType, string>> = {
  "Microsoft.DBforPostgreSQL/servers/databases": "OssPolicy1",
  "Microsoft.DBforPostgreSQL/flexibleServers": "OssFlexiblePolicy1",
  "Microsoft.DBforPostgreSQL/flexibleServers/databases": "OssFlexiblePolicy1",
};
