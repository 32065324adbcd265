import {
  type BackupInstance,
  mayBecome,
  type ProtectionState,
} from "../../../domain/backup-instance.ts";
import { fault } from "../../../domain/fault.ts";
import type { OperationKind } from "../../../domain/operation.ts";
import type { Vault } from "../../../domain/vault.ts";
import { accepted, refuse } from "./answers.ts";
import type { ApiCall, ApiResponse } from "./operation-record.ts";
import { endedOperation, openOperation, startWorkflow } from "./operations-start.ts";

export interface ProtectionChange {
  readonly kind: OperationKind;
  readonly to: ProtectionState;
  /** States from which a customer may ask for it. */
  readonly from: readonly ProtectionState[];
}

/** Moves an instance to another protection state; asking for the state that it is in is no error. */
export async function changeProtection(
  call: ApiCall,
  vault: Vault,
  instance: BackupInstance,
  change: ProtectionChange,
): Promise<ApiResponse> {
  const { protectionState: state, name: instanceName } = instance;
  if (state === change.to) {
    return accepted(call, await endedOperation(call, vault, change.kind, { instanceName }));
  }
  if (!change.from.includes(state) || !mayBecome(state, change.to)) {
    const detail = `${change.kind} is possible in ${change.from.join(", ")} only`;
    return refuse(
      fault("UserErrorInstanceNotProtected", { instance: instanceName, state, detail }),
    );
  }
  const operation = await openOperation(call, vault, change.kind, { instanceName });
  await startWorkflow(call, operation, "changeProtection", {
    operationId: operation.id,
    vault: instance.vault,
    instanceName,
    state: change.to,
  });
  return accepted(call, operation);
}
