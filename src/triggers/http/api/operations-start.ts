import { createHash } from "node:crypto";
import { toFault } from "../../../domain/fault.ts";
import { formatRecordInstant } from "../../../domain/instant.ts";
import type { Operation, OperationKind } from "../../../domain/operation.ts";
import { type VaultRef, vaultKey } from "../../../domain/resource-id.ts";
import type { Vault } from "../../../domain/vault.ts";
import type { WorkflowInputs, WorkflowName } from "../../../workflows/inputs.ts";
import { startWorkflow as start } from "../../start-workflow.ts";
import type { ApiCall } from "./operation-record.ts";

export interface OperationOptions {
  readonly instanceName?: string;
}

/** A long-running operation that a workflow will end. */
export async function openOperation(
  call: ApiCall,
  vault: Vault,
  kind: OperationKind,
  options: OperationOptions = {},
): Promise<Operation> {
  const operation = newOperation(call, vault, kind, options);
  await call.catalog.operations.create(operation);
  return operation;
}

/** An operation whose work is done already: clients poll it once and go on. */
export async function endedOperation(
  call: ApiCall,
  vault: Vault,
  kind: OperationKind,
  options: OperationOptions = {},
): Promise<Operation> {
  const opened = newOperation(call, vault, kind, options);
  const operation: Operation = { ...opened, status: "Succeeded", endedAt: opened.startedAt };
  await call.catalog.operations.create(operation);
  return operation;
}

/**
 * Starts the workflow that carries out the operation. If it cannot be started the operation ends
 * Failed, so that nobody polls for nothing.
 */
export async function startWorkflow<N extends WorkflowName>(
  call: ApiCall,
  operation: Operation,
  name: N,
  input: WorkflowInputs[N],
  key: string = ownPart(operation.id),
): Promise<void> {
  try {
    await start(call.workflows, name, key, input);
  } catch (error) {
    await call.catalog.operations.end(operation.id, {
      status: "Failed",
      endedAt: formatRecordInstant(call.clock.now()),
      fault: toFault(error),
    });
    throw error;
  }
}

const newOperation = (
  call: ApiCall,
  vault: Vault,
  kind: OperationKind,
  options: OperationOptions,
): Operation => ({
  id: newOperationId(vault, call.ids.newGuid()),
  vault: {
    subscriptionId: vault.subscriptionId,
    resourceGroup: vault.resourceGroup,
    vaultName: vault.vaultName,
  },
  location: vault.location,
  kind,
  status: "Inprogress",
  startedAt: formatRecordInstant(call.clock.now()),
  ...options,
});

/** base64 of `guid;guid`, as recorded: the first stands for the vault, the second is fresh. */
const newOperationId = (vault: VaultRef, ownGuid: string): string =>
  Buffer.from(`${vaultGuid(vault)};${ownGuid}`, "ascii").toString("base64");

/** The operation's own guid, from which workflow ids derive. */
const ownPart = (operationId: string): string =>
  Buffer.from(operationId, "base64").toString("ascii").split(";")[1] ?? operationId;

const vaultGuid = (vault: VaultRef): string => {
  const hex = createHash("sha256").update(vaultKey(vault)).digest("hex");
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(index === 0 ? 0 : ends[index - 1], end))
    .join("-");
};
