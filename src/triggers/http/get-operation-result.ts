import { presentBackupInstance } from "../../contract/backup-instance.ts";
import { locationStatusPath, presentOperationResult } from "../../contract/operation.ts";
import { presentVault } from "../../contract/vault.ts";
import type { Operation } from "../../domain/operation.ts";
import { empty, errorAnswer, json, retryAfter } from "./api/answers.ts";
import { loadOperation } from "./api/load-operation.ts";
import type { ApiCall, ApiOperation, ApiResponse } from "./api/operation-record.ts";
import {
  groupPath,
  instancePath,
  providerPath,
  subscriptionLocationPath,
  vaultPath,
} from "./api/paths.ts";
import { vaultFacts } from "./api/vault-facts.ts";

export const getOperationResult: ApiOperation = {
  id: "OperationResult_Get",
  summary: "Answers what a long-running operation came to.",
  method: "GET",
  path: `${subscriptionLocationPath}/operationResults/{operationId}`,
  aliases: [`${groupPath}${providerPath}/operationResults/{operationId}`],
  permission: "Microsoft.DataProtection/locations/operationResults/read",
  scope: "any",
  answers: [200, 202],
  handle: (call) => answerResult(call, jobResult),
};

export const getVaultOperationResult: ApiOperation = {
  id: "BackupVaultOperationResults_Get",
  summary: "Answers the backup vault that a long-running operation changed.",
  method: "GET",
  path: `${vaultPath}/operationResults/{operationId}`,
  permission: "Microsoft.DataProtection/backupVaults/operationResults/read",
  answers: [200, 202],
  handle: (call) => answerResult(call, vaultResult),
};

export const getInstanceOperationResult: ApiOperation = {
  id: "BackupInstances_GetBackupInstanceOperationResult",
  summary: "Answers the backup instance that a long-running operation changed.",
  method: "GET",
  path: `${instancePath}/operationResults/{operationId}`,
  aliases: [
    `${groupPath}${providerPath}/backupInstances/{instanceName}/operationResults/{operationId}`,
  ],
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/operationResults/read",
  scope: "any",
  answers: [200, 202],
  handle: (call) => answerResult(call, instanceResult),
};

type Presenter = (call: ApiCall, operation: Operation) => Promise<ApiResponse>;

/** 202 while it runs, its error when it failed, its result when it is done. */
async function answerResult(call: ApiCall, present: Presenter): Promise<ApiResponse> {
  const operation = await loadOperation(call);
  const status = { "azure-asyncoperation": call.links.to(locationStatusPath(operation)) };
  if (operation.status === "Inprogress") {
    const location = call.links.to(decodeURIComponent(call.links.path));
    return empty(202, { ...status, location, ...retryAfter(call) });
  }
  if (operation.fault !== undefined) return errorAnswer(operation.fault, status);
  const answer = await present(call, operation);
  return { ...answer, headers: { ...answer.headers, ...status } };
}

const jobResult: Presenter = (_call, operation) =>
  Promise.resolve(json(200, presentOperationResult(operation)));

const vaultResult: Presenter = async (call, operation) => {
  const found = await call.catalog.vaults.get(operation.vault);
  return found === undefined
    ? jobResult(call, operation)
    : json(200, presentVault(found.value, vaultFacts(found.value)));
};

const instanceResult: Presenter = async (call, operation) => {
  const { instanceName } = operation;
  const found =
    instanceName === undefined
      ? undefined
      : await call.catalog.instances.get({ ...operation.vault, instanceName });
  return found === undefined
    ? jobResult(call, operation)
    : json(200, presentBackupInstance(found.value));
};
