import { secretUri } from "../start/local-state.ts";

export const location = "local";
const subscription = "/subscriptions/11111111-2222-4333-8444-555555555555";
const databaseType = "Microsoft.DBforPostgreSQL/servers/databases";
const serverType = "Microsoft.DBforPostgreSQL/servers";

/** ARM path of a vault; every other path begins with it. */
export const vaultPathOf = (vault: string): string =>
  `${subscription}/resourceGroups/demo/providers/Microsoft.DataProtection/backupVaults/${vault}`;

export const policyPathOf = (vault: string, policy: string): string =>
  `${vaultPathOf(vault)}/backupPolicies/${policy}`;

export const instancePathOf = (vault: string, instance: string): string =>
  `${vaultPathOf(vault)}/backupInstances/${instance}`;

export const vaultBody = {
  location,
  identity: { type: "SystemAssigned" },
  properties: {
    storageSettings: [{ datastoreType: "VaultStore", type: "LocallyRedundant" }],
    securitySettings: { softDeleteSettings: { state: "Off", retentionDurationInDays: 14 } },
  },
};

/** The default policy template of the az command line for PostgreSQL: weekly, kept three months. */
export const defaultPolicyBody = {
  properties: {
    objectType: "BackupPolicy",
    datasourceTypes: [databaseType],
    policyRules: [
      {
        name: "BackupWeekly",
        objectType: "AzureBackupRule",
        backupParameters: { backupType: "Full", objectType: "AzureBackupParams" },
        dataStore: { dataStoreType: "VaultStore", objectType: "DataStoreInfoBase" },
        trigger: {
          objectType: "ScheduleBasedTriggerContext",
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
  },
};

export const adhocBackupBody = {
  backupRuleOptions: { ruleName: "BackupWeekly", triggerOption: {} },
};

export interface DatabaseRef {
  readonly server: string;
  readonly database: string;
  /** Name in secrets.json. */
  readonly secret: string;
}

/** `properties` of a backup instance; validateForBackup takes it as `backupInstance`. */
export const instanceProperties = (source: DatabaseRef, policyId: string) => ({
  objectType: "BackupInstance",
  friendlyName: `${source.server}/${source.database}`,
  dataSourceInfo: datasource(source),
  dataSourceSetInfo: datasourceSet(source),
  datasourceAuthCredentials: credentials(source.secret),
  policyInfo: { policyId },
});

export const restoreBody = (recoveryPointId: string, target: DatabaseRef) => ({
  objectType: "AzureBackupRecoveryPointBasedRestoreRequest",
  recoveryPointId,
  sourceDataStoreType: "VaultStore",
  restoreTargetInfo: {
    objectType: "RestoreTargetInfo",
    recoveryOption: "FailIfExists",
    restoreLocation: location,
    datasourceInfo: datasource(target),
    datasourceSetInfo: datasourceSet(target),
    datasourceAuthCredentials: credentials(target.secret),
  },
});

const serverId = (server: string): string =>
  `${subscription}/resourceGroups/demo/providers/${serverType}/${server}`;

const datasource = ({ server, database }: DatabaseRef) => ({
  objectType: "Datasource",
  datasourceType: databaseType,
  resourceID: `${serverId(server)}/databases/${database}`,
  resourceLocation: location,
  resourceName: database,
  resourceType: databaseType,
  resourceUri: "",
});

const datasourceSet = ({ server }: DatabaseRef) => ({
  objectType: "DatasourceSet",
  datasourceType: databaseType,
  resourceID: serverId(server),
  resourceLocation: location,
  resourceName: server,
  resourceType: serverType,
  resourceUri: "",
});

const credentials = (secret: string) => ({
  objectType: "SecretStoreBasedAuthCredentials",
  secretStoreResource: { uri: secretUri(secret), secretStoreType: "AzureKeyVault" },
});
