import type { ApiOperation } from "../../../src/triggers/http/api/operation-record.ts";
import { type JsonRecord, readArmExample } from "../../contract/arm-example.ts";
import { recordedInstanceBody, recordedPoint } from "../../contract/recorded-state.ts";
import { type TestApi, vault, vaultBody, vaultId } from "./test-api.ts";

export const instanceName = "shop";
export const instanceId = `${vaultId}/backupInstances/${instanceName}`;
export const policyBody = {
  properties: readArmExample("cli-default-policy-postgresql")["policy"] as JsonRecord,
};

const values: Readonly<Record<string, string>> = {
  ...vault,
  instanceName,
  policyName: "osspolicy",
  recoveryPointId: recordedPoint.id,
  jobId: "d4695872-670c-4753-9d13-767d6141a749",
  operationId: "bm9uZTtub25l",
  location: "westeurope",
  guardName: "guard1",
  proxyName: "proxy1",
  guardRequestKind: "deleteBackupInstanceRequests",
  requestName: "default",
};

/** A path of the operation, filled with names of the sample vault. */
export const samplePath = (operation: Pick<ApiOperation, "path">): string =>
  operation.path
    .replace("{*resourceId}", datasourceId)
    .replaceAll(/\{(\w+)\}/g, (_place, name: string) => encodeURIComponent(values[name] ?? name));

export const datasourceId =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/oss-clitest-rg/providers/Microsoft.DBforPostgreSQL/servers/oss-clitest-server/databases/postgres";

export const instanceBody = (): JsonRecord => {
  const { body } = recordedInstanceBody(vault, instanceName);
  return body;
};

/** A vault with a policy, a protected instance and a recovery point. */
export async function seedSample(api: TestApi, security: JsonRecord = {}): Promise<void> {
  const { properties } = vaultBody;
  const securitySettings = { ...properties.securitySettings, ...security };
  await expectStatus(
    api.send("PUT", vaultId, { ...vaultBody, properties: { ...properties, securitySettings } }),
    201,
  );
  await expectStatus(api.send("PUT", `${vaultId}/backupPolicies/osspolicy`, policyBody), 200);
  await expectStatus(api.send("PUT", instanceId, instanceBody()), 201);
  await setState(api, "ProtectionConfigured");
  await api.catalog.recoveryPoints.upsert({ ...vault, instanceName }, recordedPoint);
}

export async function setState(
  api: TestApi,
  protectionState:
    | "ProtectionConfigured"
    | "ProtectionStopped"
    | "SoftDeleted"
    | "ProtectionError"
    | "BackupSchedulesSuspended"
    | "ConfiguringProtectionFailed",
): Promise<void> {
  const found = await api.catalog.instances.get({ ...vault, instanceName });
  if (found === undefined) throw new Error("no sample instance");
  const { value, etag } = found;
  const deletion = {
    deletedAt: "2026-11-21T10:00:00.000Z",
    scheduledPurgeAt: "2026-12-05T10:00:00.000Z",
    activityId: "a",
    stateBefore: value.protectionState,
  };
  await api.catalog.instances.replace(
    {
      ...value,
      protectionState,
      provisioningState: "Succeeded",
      ...(protectionState === "SoftDeleted" ? { deletion } : {}),
    },
    etag,
  );
}

export async function expectStatus(
  answer: Promise<{ status: number; body: unknown }>,
  status: number,
): Promise<void> {
  const found = await answer;
  if (found.status !== status) {
    throw new Error(`${found.status} instead of ${status}: ${JSON.stringify(found.body)}`);
  }
}
