import type { DurableClient } from "durable-functions";
import type { JsonObject } from "../../domain/json.ts";
import type { WorkflowClient, WorkflowStatus } from "../../ports/workflow-client.ts";

/** The part of the Durable client that pgvault uses. */
export type DurableClientLike = Pick<
  DurableClient,
  "startNew" | "getStatus" | "terminate" | "raiseEvent"
>;

/** WorkflowClient over the Durable Functions client of one invocation. */
export function createWorkflowClient(client: DurableClientLike): WorkflowClient {
  const statusOf = async (id: string): Promise<WorkflowStatus | undefined> => {
    try {
      const status = await client.getStatus(id);
      return presentStatus(status.runtimeStatus);
    } catch (error) {
      // The SDK has no typed "not found": it throws a text that names the 404.
      if (error instanceof Error && error.message.includes("HTTP 404")) return undefined;
      throw error;
    }
  };
  return {
    async start(name, id, input) {
      // A finished instance would be overwritten by startNew, hence the look beforehand.
      if ((await statusOf(id)) !== undefined) return "exists";
      try {
        await client.startNew(name, { instanceId: id, input });
        return "started";
      } catch (error) {
        // Two starts at the same moment: the engine refuses the second.
        if ((await statusOf(id)) !== undefined) return "exists";
        throw error;
      }
    },
    status: statusOf,
    terminate: async (id, reason) => client.terminate(id, encodeURIComponent(reason)),
    raiseEvent: async (id: string, event: string, payload: JsonObject) =>
      client.raiseEvent(id, event, payload),
  };
}

function presentStatus(runtimeStatus: string): WorkflowStatus {
  switch (runtimeStatus) {
    case "Completed":
      return "Completed";
    case "Failed":
      return "Failed";
    case "Terminated":
    case "Canceled":
      return "Terminated";
    default:
      return "Running";
  }
}
