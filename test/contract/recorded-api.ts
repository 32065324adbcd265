import { expect } from "vitest";
import type { BackupInstance } from "../../src/domain/backup-instance.ts";
import type { VaultRef } from "../../src/domain/resource-id.ts";
import { createTestApi, type TestApi } from "../triggers/http/test-api.ts";
import { textOf } from "./arm-example.ts";
import {
  ossVault,
  recordedInstanceBody,
  recordedPoint,
  seedPolicy,
  seedVault,
} from "./recorded-state.ts";

/** The vault and policy of the recordings of 2023. */
export async function ossApi(): Promise<TestApi> {
  const api = createTestApi();
  await seedVault(api, ossVault, "centraluseuap");
  await seedPolicy(api, ossVault, "osspolicy");
  return api;
}

/** The same with a protected instance that has the recorded recovery point. */
export async function protectedApi(
  vault: VaultRef = ossVault,
  instanceName?: string,
): Promise<TestApi> {
  const api = createTestApi();
  await seedVault(api, vault, "centraluseuap");
  await seedPolicy(api, vault, "osspolicy");
  const { path, body } = recordedInstanceBody(vault, instanceName);
  expect(await api.send("PUT", path, body)).toMatchObject({ status: 201 });
  const name = path.split("/").at(-1)!;
  await setState(api, "ProtectionConfigured", { ...vault, instanceName: name });
  await api.catalog.recoveryPoints.upsert({ ...vault, instanceName: name }, recordedPoint);
  return api;
}

export async function endOperation(api: TestApi, jobId?: string): Promise<void> {
  const operationId = textOf(api.started.at(-1)!.input["operationId"]);
  await api.catalog.operations.end(operationId, {
    status: "Succeeded",
    endedAt: new Date(api.clock.now() + 1000).toISOString(),
    ...(jobId === undefined ? {} : { jobId }),
  });
}

export async function setState(
  api: TestApi,
  protectionState: BackupInstance["protectionState"],
  ref = { ...ossVault, instanceName: instanceIn(recordedInstanceBody(ossVault).path) },
): Promise<void> {
  const found = await api.catalog.instances.get(ref);
  await api.catalog.instances.replace(
    { ...found!.value, protectionState, provisioningState: "Succeeded" },
    found!.etag,
  );
}

export const pathOf = (vault: VaultRef): string =>
  `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/Microsoft.DataProtection/backupVaults/${vault.vaultName}`;

export function vaultIn(path: string): VaultRef {
  const [, subscriptionId = "", resourceGroup = "", vaultName = ""] =
    /subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*backupVaults\/([^/?]+)/.exec(path) ?? [];
  return { subscriptionId, resourceGroup, vaultName };
}

export const instanceIn = (path: string): string =>
  /backupInstances\/([^/?]+)/.exec(path)?.[1] ?? "";
