import { toFault } from "../domain/fault.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { bookkeepingRetry, retrying } from "./retrying.ts";

/**
 * The operation ends as soon as the instance is taken on (Azure: about 2 s); validation follows and
 * turns ConfiguringProtection into ProtectionConfigured, or ConfiguringProtectionFailed with the
 * error (arm-contract.md §3.3).
 */
export function* configureProtection(
  context: WorkflowContext,
  { operationId, vault, instanceName }: WorkflowInputs["configureProtection"],
): Workflow<void> {
  const instance = { ...vault, instanceName };
  const taken = yield* tellOperation(context, operationId, undefined, () =>
    context.call("setProtection", {
      instance,
      state: "ConfiguringProtection",
      provisioningState: "Succeeded",
    }),
  );
  if (!taken) return;
  const outcome = yield* checkedState(context, instance);
  yield* retrying(context, bookkeepingRetry, () =>
    context.call("setProtection", { instance, provisioningState: "Succeeded", ...outcome }),
  );
}

function* checkedState(
  context: WorkflowContext,
  instance: WorkflowInputs["configureProtection"]["vault"] & { instanceName: string },
) {
  try {
    yield* context.call("checkSource", { instance });
    return { state: "ProtectionConfigured" } as const;
  } catch (error) {
    return { state: "ConfiguringProtectionFailed", fault: toFault(error) } as const;
  }
}
