import { fault } from "../../../domain/fault.ts";
import { parseInstant } from "../../../domain/instant.ts";
import {
  approvalId,
  type CriticalOperation,
  criticalOperations,
  guardedOperations,
  parseGuardId,
  type ResourceGuardProxy,
} from "../../../domain/resource-guard.ts";
import { sameResourceId } from "../../../domain/resource-id.ts";
import type { Vault } from "../../../domain/vault.ts";
import { refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";
import { isAllowed } from "./permissions.ts";

/** What an approver must be allowed to do on the guard. */
export const approveAction =
  "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/approve/action";

export interface Guarded {
  readonly operation: CriticalOperation;
  /** What is changed or deleted, for the refusal and for `unlockDelete`. */
  readonly resourceId: string;
  /** `resourceGuardOperationRequests` of the request. */
  readonly requests: readonly string[];
}

/**
 * Refuses a critical operation of a guarded vault unless somebody else, entitled on the guard, has
 * approved it: by a token in `x-ms-authorization-auxiliary` or, for deletions, by unlockDelete.
 */
export async function guardOperation(call: ApiCall, vault: Vault, guarded: Guarded): Promise<void> {
  for (const proxy of vault.guardProxies ?? []) {
    if (isUnlocked(call, proxy, guarded.resourceId)) continue;
    const problem = await missingApproval(call, proxy, guarded);
    if (problem === undefined) continue;
    refuse(
      fault(
        "UserErrorResourceGuardApprovalMissing",
        {
          operation: criticalOperations[guarded.operation].operation,
          resource: guarded.resourceId,
          guard: proxy.guardId,
          detail: problem,
        },
        { target: "resourceGuardOperationRequests" },
      ),
    );
  }
}

/** What is missing, in words; undefined when the operation may go on. */
async function missingApproval(
  call: ApiCall,
  proxy: ResourceGuardProxy,
  { operation, requests }: Guarded,
): Promise<string | undefined> {
  const ref = parseGuardId(proxy.guardId);
  const guard = ref === undefined ? undefined : await call.catalog.guards.get(ref);
  // A guard that is gone approves nothing: deleting it must not open the vault.
  if (guard === undefined) return "the guard no longer exists; its owner must create it again";
  if (!guardedOperations(guard.value).includes(operation)) return undefined;
  const expected = approvalId(proxy.guardId, operation);
  const { approver, principal } = call;
  if (approver === undefined) return "no second person has approved";
  if (approver.id === principal.id) return "approver and caller are the same";
  if (!isAllowed(approver, approveAction, proxy.guardId)) {
    return `'${approver.name}' may not approve for this guard`;
  }
  // A DELETE has no body to name the request in; the approver's token is for this very call.
  const named = requests.length === 0 || requests.some((id) => sameResourceId(id, expected));
  return named ? undefined : `the request must name '${expected}'`;
}

function isUnlocked(call: ApiCall, proxy: ResourceGuardProxy, resourceId: string): boolean {
  return proxy.unlocks.some(
    (unlock) =>
      sameResourceId(unlock.resourceId, resourceId) &&
      (parseInstant(unlock.until) ?? 0) > call.clock.now(),
  );
}
