import type { Job } from "../../src/domain/job.ts";
import type { RecoveryPoint } from "../../src/domain/recovery-point.ts";
import type { VaultRef } from "../../src/domain/resource-id.ts";
import { type TestApi, vaultBody } from "../triggers/http/test-api.ts";
import { exchangesOf, type JsonRecord, readArmExample, textOf } from "./arm-example.ts";

export const ossVault: VaultRef = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "clitest-dpp-rg",
  vaultName: "clitest-bkp-vault-donotdelete",
};

export const recordedPoint: RecoveryPoint = {
  id: "fe57bba53e064636b8bfa2555c561f9d",
  jobId: "d4695872-670c-4753-9d13-767d6141a749",
  instanceName: "i",
  friendlyName: "2d1f2c6aa0f54bd3a1d7d9a9f1a4c1e0",
  takenAt: "2023-06-27T09:39:18.308Z",
  backupType: "Full",
  policyName: "osspolicy",
  stores: [{ id: "a1", type: "VaultStore", createdAt: "2023-06-27T09:39:18.308Z" }],
  retentionTag: "Default",
  retentionTagVersion: "638234554493011659",
  retentionRule: "Default",
  retentionReason: "default rule",
  serverVersion: "15.18",
  databaseName: "postgres",
  storedBytes: 2063,
  sourceBytes: 8_442_527,
};

const idOf = (vault: VaultRef): string =>
  `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/Microsoft.DataProtection/backupVaults/${vault.vaultName}`;

export async function seedVault(api: TestApi, vault: VaultRef, location: string): Promise<void> {
  const answer = await api.send("PUT", idOf(vault), { ...vaultBody, location });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

export async function seedPolicy(
  api: TestApi,
  vault: VaultRef,
  name: string,
  example = "cli-default-policy-postgresql",
): Promise<void> {
  const properties = readArmExample(example)["policy"] as JsonRecord;
  const answer = await api.send("PUT", `${idOf(vault)}/backupPolicies/${name}`, { properties });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** The recorded PUT of an instance, in this vault and under this name. */
export function recordedInstanceBody(
  vault: VaultRef,
  instanceName = "oss-clitest-server-postgres-faec6818-0720-11ec-bd1b-c8f750f92764",
): { path: string; body: JsonRecord } {
  const body = structuredClone(exchangesOf("rec-oss-backup-instance-create")[0]!.request.body!);
  const properties = body["properties"] as JsonRecord;
  properties["policyInfo"] = { policyId: `${idOf(vault)}/backupPolicies/osspolicy` };
  return { path: `${idOf(vault)}/backupInstances/${instanceName}`, body };
}

/** The record from which the recorded answer would be presented. */
export function recordedJob(body: JsonRecord, vault = ossVault): Job {
  const wire = body["properties"] as JsonRecord;
  // Lists have none; examples of the specification leave out what recordings answer as null.
  const extended = (wire["extendedInfo"] ?? {}) as JsonRecord;
  const text = (name: string): string => textOf(wire[name]);
  const point = (extended["targetRecoverPoint"] ??
    extended["sourceRecoverPoint"] ??
    null) as JsonRecord | null;
  return {
    id: textOf(body["name"]),
    vault,
    instanceName: text("backupInstanceId").split("/").at(-1)!,
    instanceId: text("backupInstanceId"),
    friendlyName: text("backupInstanceFriendlyName"),
    datasourceId: text("dataSourceId"),
    datasourceName: text("dataSourceName"),
    datasourceType: text("dataSourceType"),
    datasourceLocation: text("dataSourceLocation"),
    datasourceSetName: text("dataSourceSetName"),
    policyId: text("policyId"),
    policyName: text("policyName"),
    category: text("operationCategory") as Job["category"],
    operation: text("operation"),
    isUserTriggered: true,
    status: currentStatus(text("status")),
    startedAt: text("startTime"),
    ...((wire["endTime"] ?? null) === null ? {} : { endedAt: text("endTime") }),
    activityId: text("activityID"),
    errors: [],
    subTasks: ((extended["subTasks"] ?? []) as JsonRecord[]).map((task) => ({
      id: Number(task["taskId"]),
      name: textOf(task["taskName"]),
      status: task["taskStatus"] as "Completed",
      details: (task["additionalDetails"] ?? {}) as Record<string, string>,
    })),
    warnings: [],
    details: (extended["additionalDetails"] ?? {}) as Record<string, string>,
    ...(typeof extended["dataTransferredInBytes"] === "number"
      ? { dataTransferredBytes: extended["dataTransferredInBytes"] }
      : {}),
    ...((wire["sourceDataStoreType"] ?? null) === null
      ? {}
      : { sourceStore: text("sourceDataStoreType") }),
    ...(point === null
      ? {}
      : {
          recoveryPoint: {
            id: textOf(point["recoveryPointID"]),
            takenAt: recordedPoint.takenAt,
          },
        }),
    ...(typeof extended["recoveryDestination"] === "string"
      ? { recoveryDestination: extended["recoveryDestination"] }
      : {}),
    workflowId: "w",
  };
}

/** Examples of the specification still have the statuses of the first preview. */
const currentStatus = (status: string): Job["status"] =>
  status === "Started" ? "InProgress" : status === "Succeeded" ? "Completed" : (status as "Failed");
