import type { z } from "zod";
import {
  parseRestoreRequest,
  type restoreRequestSchema,
} from "../../../contract/restore-request.ts";
import { fault } from "../../../domain/fault.ts";
import { parseResourceId } from "../../../domain/resource-id.ts";
import type { RestoreSpec } from "../../../domain/restore-spec.ts";
import type { Vault } from "../../../domain/vault.ts";
import { crossSubscriptionState } from "../../../domain/vault-change.ts";
import { orRefuse, refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";
import { loadPoint } from "./recovery-points.ts";

/**
 * The restore that a request asks for, once it is known that the recovery point exists, lies where
 * the request says and may leave the subscription. What needs the servers is the workflow's to check.
 */
export async function readRestoreSpec(
  call: ApiCall,
  vault: Vault,
  wire: z.output<typeof restoreRequestSchema>,
): Promise<RestoreSpec> {
  const parsed = orRefuse(parseRestoreRequest(wire));
  const point = await loadPoint(call, parsed.recoveryPointId);
  const spec = { ...parsed, recoveryPointId: point.id };
  const archivedOnly = !point.stores.some(
    ({ type, rehydrationStatus }) => type === "VaultStore" || rehydrationStatus === "COMPLETED",
  );
  if (archivedOnly && spec.rehydration === undefined) {
    refuse(fault("UserErrorRecoveryPointArchived", { recoveryPoint: spec.recoveryPointId }));
  }
  checkSubscription(vault, spec);
  return spec;
}

function checkSubscription(vault: Vault, spec: RestoreSpec): void {
  const state = crossSubscriptionState(vault);
  if (state !== "Disabled" && state !== "PermanentlyDisabled") return;
  const target =
    spec.target.kind === "database"
      ? spec.target.datasource.resourceId
      : (spec.target.targetResourceId ?? "");
  const subscription = parseResourceId(target)?.subscriptionId;
  if (subscription === undefined) return;
  if (subscription.toLowerCase() === vault.subscriptionId.toLowerCase()) return;
  refuse(
    fault("UserErrorNotSupported", {
      detail: `cross-subscription restore is ${state} in vault '${vault.vaultName}' and the target is in subscription '${subscription}'`,
    }),
  );
}
