import { newExecutionId, startMessage } from "./create-instance.ts";
import { type EngineContext, send } from "./engine-context.ts";
import { type EventMessage, EventType, type FailureDetails } from "./history.ts";
import type { InstanceRecord } from "./store.ts";

export type Ending =
  | { readonly status: "Completed"; readonly output: string | null }
  | {
      readonly status: "Failed";
      readonly reason: string;
      readonly failureDetails: FailureDetails | null;
    }
  | { readonly status: "Terminated"; readonly reason: string };

/** OrchestrationStatus numbers of the wire format. */
const STATUS_NUMBER = { Completed: 1, Failed: 3, Terminated: 5 } as const;

/**
 * Ends an instance: what it still had in its inbox or under way is dropped, its parent is told.
 * Returns the last history event. Call inside the episode's transaction.
 */
export function finishInstance(
  context: EngineContext,
  record: InstanceRecord,
  ending: Ending,
): EventMessage {
  const { store, wakeups, now } = context;
  const output = ending.status === "Completed" ? ending.output : JSON.stringify(ending.reason);
  store.putInstance({ ...record, status: ending.status, output, updatedAt: now() });
  store.deleteMessagesOf(record.id);
  store.deleteActivitiesOf(record.id);
  tellParent(context, record, ending);
  wakeups.finished(record.id);
  return {
    EventType: EventType.ExecutionCompleted,
    OrchestrationStatus: STATUS_NUMBER[ending.status],
    Result: output,
  };
}

/**
 * The same instance once more with new input and an empty history. Messages of the old generation
 * become stale by their execution id; events for the instance itself stay.
 */
export function startNextGeneration(
  context: EngineContext,
  record: InstanceRecord,
  input: string | null,
  carriedOver: readonly EventMessage[],
): void {
  const { store, now } = context;
  store.clearHistory(record.id);
  store.deleteMessagesOf(record.id, record.executionId);
  const next = { ...record, input, executionId: newExecutionId(), updatedAt: now() };
  store.putInstance({ ...next, status: "Running" });
  send(context, record.id, next.executionId, startMessage(next), FIRST_OF_ALL);
  for (const event of carriedOver) send(context, record.id, null, event, FIRST_OF_ALL);
}

/** Before everything that arrived while the old generation was still running. */
const FIRST_OF_ALL = 0;

function tellParent(
  context: EngineContext,
  { name, parent }: InstanceRecord,
  ending: Ending,
): void {
  if (parent === null) return;
  const TaskScheduledId = parent.TaskScheduleId;
  const { InstanceId, ExecutionId } = parent.OrchestrationInstance;
  if (ending.status === "Completed") {
    const Result = ending.output;
    const completed = EventType.SubOrchestrationInstanceCompleted;
    send(context, InstanceId, ExecutionId, { EventType: completed, TaskScheduledId, Result });
    return;
  }
  const isFailure = ending.status === "Failed";
  send(context, InstanceId, ExecutionId, {
    EventType: EventType.SubOrchestrationInstanceFailed,
    TaskScheduledId,
    Reason: isFailure ? ending.reason : `Orchestrator function '${name}' was terminated.`,
    Details: ending.reason,
    FailureDetails: isFailure ? ending.failureDetails : null,
  });
}
