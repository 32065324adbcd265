import type { JsonObject } from "../domain/json.ts";

/** Starts and watches workflows; ids derive from what is done, so a second start collides. */
export interface WorkflowClient {
  /** `exists` when a workflow of this id is or was there. */
  start(name: string, id: string, input: JsonObject): Promise<"started" | "exists">;
  /** Undefined when no workflow of this id is known. */
  status(id: string): Promise<WorkflowStatus | undefined>;
  terminate(id: string, reason: string): Promise<void>;
  raiseEvent(id: string, event: string, payload: JsonObject): Promise<void>;
}

export type WorkflowStatus = "Running" | "Completed" | "Failed" | "Terminated";
