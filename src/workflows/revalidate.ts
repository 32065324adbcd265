import { type Fault, toFault } from "../domain/fault.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { bookkeepingRetry, type RetryPlan, retrying } from "./retrying.ts";

/** A server that restarts is no drift: about ten minutes of patience. */
const revalidationRetry: RetryPlan = {
  attempts: 5,
  firstDelayMs: 30_000,
  factor: 2,
  maxDelayMs: 300_000,
};

/** Checks a protected instance anew and writes into it what is wrong now, or that nothing is. */
export function* revalidate(
  context: WorkflowContext,
  { validationId, vault, instanceName }: WorkflowInputs["revalidate"],
): Workflow<void> {
  const validation = { id: validationId, startedAt: new Date(context.now()).toISOString() };
  const instance = { ...vault, instanceName };
  const outcome = yield* findProblem(context, instance);
  // pgvault's own trouble tells nothing about the instance: what was known of it stays.
  if (outcome.fault?.userError === false) return;
  yield* retrying(context, bookkeepingRetry, () =>
    context.call("recordValidation", { instance, validation, ...outcome }),
  );
}

function* findProblem(
  context: WorkflowContext,
  instance: InstanceRef,
): Workflow<{ fault?: Fault }> {
  try {
    yield* retrying(context, revalidationRetry, () => context.call("checkSource", { instance }));
    return {};
  } catch (error) {
    return { fault: toFault(error) };
  }
}
