import type { JsonObject } from "../domain/json.ts";
import type { WorkflowClient } from "../ports/workflow-client.ts";
import { type WorkflowInputs, type WorkflowName, workflowId } from "../workflows/inputs.ts";

/** Starts a workflow with its own input type and an id that derives from `key`. */
export const startWorkflow = <K extends WorkflowName>(
  workflows: WorkflowClient,
  name: K,
  key: string,
  input: WorkflowInputs[K],
): Promise<"started" | "exists"> =>
  // Inputs are plain JSON by construction of WorkflowInputs.
  workflows.start(name, workflowId(name, key), input as object as JsonObject);
