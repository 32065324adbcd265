import { guidOf } from "../../domain/guid.ts";
import { type InstanceRef, parseInstanceRef } from "../../domain/resource-id.ts";
import { isWatched } from "../../domain/validation.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import { startWorkflow } from "../start-workflow.ts";
import { type DueOutcome, firstDueAt, serveDue } from "./serve-due.ts";

export interface ValidationTickPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Writes the due row of the instance's next validation. */
  planValidation(ref: InstanceRef): Promise<void>;
}

/**
 * Starts the validations whose instant has come. Reads due rows and nothing else; the row of an
 * instance that is not backed up any more is dropped here. Repeating it starts nothing twice: the
 * workflow's id derives from instance and due instant.
 */
export const runValidationTick = (
  ports: ValidationTickPorts,
  workflows: WorkflowClient,
): Promise<DueOutcome> =>
  serveDue(ports.catalog, "validation", ports.clock.now(), (entry) =>
    serve(ports, workflows, entry),
  );

/** The row goes last, after its successor is written: a crash repeats and never forgets. */
async function serve(
  ports: ValidationTickPorts,
  workflows: WorkflowClient,
  entry: DueEntry,
): Promise<void> {
  const ref = parseInstanceRef(entry.payload);
  const found = await ports.catalog.instances.get(ref);
  if (found !== undefined && isWatched(found.value)) {
    const { vault, name: instanceName } = found.value;
    const validationId = guidOf(`validation|${entry.key}|${firstDueAt(entry)}`);
    const input = { validationId, vault, instanceName };
    await startWorkflow(workflows, "revalidate", validationId, input);
    await ports.planValidation(ref);
  }
  await ports.catalog.due.remove(entry);
}
