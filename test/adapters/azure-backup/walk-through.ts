import { expect } from "vitest";
import type { AzureBackup } from "../../../src/adapters/azure-backup/azure-backup.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import { exchangesOf } from "../../contract/arm-example.ts";
import { recordedPoint } from "../../contract/recorded-state.ts";
import {
  instanceBody,
  instanceName,
  policyBody,
  setState,
} from "../../triggers/http/sample-requests.ts";
import { type TestApi, vault, vaultBody, vaultId } from "../../triggers/http/test-api.ts";

export const quick = { updateIntervalInMs: 10 };
export const draft = { backupInstance: instanceBody()["properties"] } as JsonObject;
export const instance = (): { properties: JsonObject } => ({
  properties: instanceBody()["properties"] as JsonObject,
});
export const restoreBody = exchangesOf("rec-oss-restore-trigger-alternate-location")[0]!.request
  .body as JsonObject;

const { resourceGroup: group, vaultName } = vault;

/** Vault, policy, instance, backup, recovery points, restore: whichever client has these methods. */
export async function walkThrough(azure: AzureBackup, api: TestApi): Promise<void> {
  const made = await azure.backupVaults.createOrUpdate(group, vaultName, { ...vaultBody }, quick);
  expect(made.properties["provisioningState"]).toBe("Succeeded");
  const policy = policyBody as { properties: JsonObject };
  await azure.backupPolicies.createOrUpdate(group, vaultName, "osspolicy", policy);
  const { backupInstances } = azure;
  await backupInstances.validateForBackup(group, vaultName, draft, quick);
  const protectedOne = await backupInstances.createOrUpdate(
    group,
    vaultName,
    instanceName,
    instance(),
    quick,
  );
  expect(protectedOne.id).toBe(`${vaultId}/backupInstances/${instanceName}`);
  await setState(api, "ProtectionConfigured");
  const { jobId } = await backupInstances.adhocBackup(
    group,
    vaultName,
    instanceName,
    { backupRuleOptions: { ruleName: "BackupWeekly", triggerOption: {} } },
    quick,
  );
  expect(jobId).toMatch(new RegExp(`^${vaultId}/backupJobs/[0-9a-f-]{36}$`));
  await api.catalog.recoveryPoints.upsert({ ...vault, instanceName }, recordedPoint);
  expect(await pointNames(azure)).toEqual([recordedPoint.id]);
  await backupInstances.validateForRestore(
    group,
    vaultName,
    instanceName,
    { restoreRequestObject: restoreBody },
    quick,
  );
  await backupInstances.triggerRestore(group, vaultName, instanceName, restoreBody, quick);
  await backupInstances.stopProtection(group, vaultName, instanceName, quick);
  expect(api.started.map(({ name }) => name)).toEqual([
    "validateForBackup",
    "configureProtection",
    "backUp",
    "validateRestore",
    "restore",
    "changeProtection",
  ]);
}

async function pointNames(azure: AzureBackup): Promise<(string | undefined)[]> {
  const filter =
    "startDate eq '2023-01-01T00:00:00.0000000Z' and endDate eq '2024-01-01T00:00:00.0000000Z'";
  const names = [];
  const points = azure.recoveryPoints.list(group, vaultName, instanceName, { filter });
  for await (const point of points) names.push(point.name);
  return names;
}
