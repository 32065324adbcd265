import { randomUUID } from "node:crypto";
import { HostFailureError } from "../core/host-failure.ts";
import { typedDataToJson } from "../core/typed-data.ts";
import { HTTP_ACTIVITY_NAME } from "./actions.ts";
import { type EngineContext, send } from "./engine-context.ts";
import { type EventMessage, EventType, type Failure, type FailureDetails } from "./history.ts";
import { runHttpActivity } from "./http-activity.ts";
import type { ActivityRecord } from "./store.ts";

/**
 * Runs one stored activity and sends its outcome to the orchestration. At least once: the row goes
 * in the transaction that stores the outcome, so a kill in between runs the activity again.
 */
export async function runActivity(context: EngineContext, id: number): Promise<void> {
  const { store, wakeups } = context;
  const activity = store.getActivity(id);
  if (activity === undefined) return;
  let outcome: EventMessage;
  try {
    const Result = await callActivity(context, activity);
    outcome = { EventType: EventType.TaskCompleted, TaskScheduledId: activity.taskId, Result };
  } catch (error) {
    if (error instanceof HostFailureError) {
      wakeups.retryLater(() => wakeups.activity(id));
      return;
    }
    const failure = describeFailure(activity.name, error);
    outcome = { EventType: EventType.TaskFailed, TaskScheduledId: activity.taskId, ...failure };
  }
  if (context.isStopped()) return;
  store.transaction(() => {
    // Gone if the instance was terminated or purged meanwhile.
    if (store.getActivity(id) === undefined) return;
    store.deleteActivity(id);
    send(context, activity.instanceId, activity.executionId, outcome);
  });
}

async function callActivity(
  { functions, worker }: EngineContext,
  { name, input, instanceId }: ActivityRecord,
): Promise<string | null> {
  if (name === HTTP_ACTIVITY_NAME) return runHttpActivity(input);
  const fn = functions.find("activity", name);
  if (fn === undefined) throw new Error(functions.missing("activity", name));
  const { returnValue } = await worker.invoke({
    functionName: fn.name,
    invocationId: randomUUID(),
    inputData: [{ name: fn.triggerBindingName, data: input === null ? {} : { string: input } }],
    triggerMetadata: { instanceId: { string: JSON.stringify(instanceId) } },
  });
  return typedDataToJson(returnValue);
}

function describeFailure(name: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const details = parseFailureDetails(message);
  return {
    Reason: `Activity function '${name}' failed: ${details?.ErrorMessage ?? message}`,
    Details: details === null ? String(error) : `${details.ErrorType}: ${details.ErrorMessage}`,
    FailureDetails: details,
  };
}

/** With an exception-properties provider the SDK packs the whole failure into the message. */
function parseFailureDetails(message: string): FailureDetails | null {
  if (!message.startsWith("{")) return null;
  let packed: Record<string, unknown>;
  try {
    packed = JSON.parse(message) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { errorType, errorMessage, properties, stackTrace } = packed;
  if (typeof errorType !== "string" || typeof errorMessage !== "string") return null;
  if (!("isNonRetriable" in packed)) return null;
  return {
    ErrorType: errorType,
    ErrorMessage: errorMessage,
    StackTrace: typeof stackTrace === "string" ? stackTrace : null,
    IsNonRetriable: false,
    Properties: properties ?? null,
    InnerFailure: null,
  };
}
