import { backUp } from "./back-up.ts";
import { changeProtection, replanInstance, replanPolicy } from "./change-protection.ts";
import { configureProtection } from "./configure-protection.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { deleteInstance } from "./delete-instance.ts";
import type { WorkflowInputs, WorkflowName } from "./inputs.ts";
import { proveRecoveryPoint } from "./prove-recovery-point.ts";
import { rehydrate } from "./rehydrate.ts";
import { restore } from "./restore.ts";
import { revalidate } from "./revalidate.ts";
import { validateForBackup, validateRestore } from "./validate.ts";
import { verifyRecoveryPoint } from "./verify-recovery-point.ts";

type Workflows = {
  readonly [K in WorkflowName]: (
    context: WorkflowContext,
    input: WorkflowInputs[K],
  ) => Workflow<void>;
};

/** Every workflow by name: what triggers/durable registers and what tests run. */
export const workflows = {
  configureProtection,
  validateForBackup,
  backUp,
  validateRestore,
  restore,
  rehydrate,
  deleteInstance,
  proveRecoveryPoint,
  verifyRecoveryPoint,
  changeProtection,
  replanInstance,
  replanPolicy,
  revalidate,
} as const satisfies Workflows;
