import { presentOperationStatus } from "../../contract/operation.ts";
import { json, retryAfter } from "./api/answers.ts";
import { loadOperation } from "./api/load-operation.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import {
  groupLocationPath,
  groupPath,
  providerPath,
  subscriptionLocationPath,
  vaultPath,
} from "./api/paths.ts";

export const getVaultOperationStatus: ApiOperation = {
  id: "OperationStatusBackupVaultContext_Get",
  summary: "Answers how a long-running operation stands.",
  method: "GET",
  path: `${vaultPath}/operationStatus/{operationId}`,
  permission: "Microsoft.DataProtection/backupVaults/operationStatus/read",
  handle: answerStatus,
};

export const getOperationStatus: ApiOperation = {
  id: "OperationStatus_Get",
  summary: "Answers how a long-running operation stands, asked under its location.",
  method: "GET",
  path: `${subscriptionLocationPath}/operationStatus/{operationId}`,
  aliases: [
    `${groupLocationPath}/operationStatus/{operationId}`,
    `${groupPath}${providerPath}/operationStatus/{operationId}`,
  ],
  permission: "Microsoft.DataProtection/locations/operationStatus/read",
  scope: "any",
  handle: answerStatus,
};

/** Always 200 while the operation is known; the body tells how it stands. */
async function answerStatus(call: ApiCall) {
  const operation = await loadOperation(call);
  const running = operation.status === "Inprogress";
  const path = decodeURIComponent(call.links.path);
  return json(200, presentOperationStatus(operation, path), running ? retryAfter(call) : {});
}
