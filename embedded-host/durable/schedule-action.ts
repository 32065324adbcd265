import { randomUUID } from "node:crypto";
import type { ScheduledAction } from "./actions.ts";
import { HTTP_ACTIVITY_NAME } from "./actions.ts";
import { createInstance } from "./create-instance.ts";
import { type EngineContext, send } from "./engine-context.ts";
import { parseEntityId } from "./entity-id.ts";
import { type EventMessage, EventType } from "./history.ts";
import type { InstanceRecord } from "./store.ts";

/** Why an action cannot be started at all, which fails the whole orchestration, as on Azure. */
export function refuseAction(
  { functions }: EngineContext,
  action: ScheduledAction,
): string | undefined {
  switch (action.kind) {
    case "activity":
      return action.name === HTTP_ACTIVITY_NAME || functions.find("activity", action.name)
        ? undefined
        : functions.missing("activity", action.name);
    case "sub-orchestration":
      return functions.find("orchestration", action.name)
        ? undefined
        : functions.missing("orchestration", action.name);
    case "entity-call":
    case "entity-signal": {
      const { name } = parseEntityId(action.entityId);
      return functions.find("entity", name) ? undefined : functions.missing("entity", name);
    }
    case "timer":
      return undefined;
  }
}

/** Starts a new action and returns its history event. Call inside the episode's transaction. */
export function scheduleAction(
  context: EngineContext,
  record: InstanceRecord,
  action: ScheduledAction,
): EventMessage {
  switch (action.kind) {
    case "activity":
      return scheduleActivity(context, record, action);
    case "timer":
      return scheduleTimer(context, record, action);
    case "sub-orchestration":
      return startSubOrchestration(context, record, action);
    case "entity-call":
    case "entity-signal":
      return sendToEntity(context, record, action);
  }
}

type Kind<K extends ScheduledAction["kind"]> = Extract<ScheduledAction, { kind: K }>;

function scheduleActivity(
  { store, wakeups }: EngineContext,
  record: InstanceRecord,
  { id: taskId, name, input }: Kind<"activity">,
): EventMessage {
  const { id: instanceId, executionId } = record;
  wakeups.activity(store.addActivity({ instanceId, executionId, taskId, name, input }));
  return { EventType: EventType.TaskScheduled, Name: name, Version: "", Input: input };
}

function scheduleTimer(
  context: EngineContext,
  record: InstanceRecord,
  { id, fireAt, isCanceled }: Kind<"timer">,
): EventMessage {
  if (!isCanceled) {
    const fired = { EventType: EventType.TimerFired, TimerId: id, FireAt: fireAt } as const;
    send(context, record.id, record.executionId, fired, Date.parse(fireAt));
  }
  return { EventType: EventType.TimerCreated, FireAt: fireAt };
}

function startSubOrchestration(
  context: EngineContext,
  record: InstanceRecord,
  action: Kind<"sub-orchestration">,
): EventMessage {
  const { id: taskId, name, version, input } = action;
  const id = action.instanceId ?? `${record.executionId}:${taskId}`;
  const result = createInstance(context, {
    id,
    name,
    version,
    input,
    parent: {
      Name: record.name,
      TaskScheduleId: taskId,
      OrchestrationInstance: { InstanceId: record.id, ExecutionId: record.executionId },
    },
  });
  if ("alive" in result) {
    const reason = `An orchestration instance with id '${id}' and status ${result.alive.status} already exists.`;
    send(context, record.id, record.executionId, {
      EventType: EventType.SubOrchestrationInstanceFailed,
      TaskScheduledId: taskId,
      Reason: reason,
      Details: reason,
      FailureDetails: null,
    });
  }
  return {
    EventType: EventType.SubOrchestrationInstanceCreated,
    Name: name,
    Version: version,
    InstanceId: id,
    Input: input,
  };
}

/** The request id is made once, here, and found again in the history ever after. */
function sendToEntity(
  context: EngineContext,
  record: InstanceRecord,
  action: Kind<"entity-call" | "entity-signal">,
): EventMessage {
  const request = {
    op: action.operation,
    ...(action.kind === "entity-signal" ? { signal: true } : {}),
    ...(action.input === null ? {} : { input: action.input }),
    id: randomUUID(),
    parent: record.id,
    parentExecution: record.executionId,
  };
  send(context, action.entityId, null, request);
  return {
    EventType: EventType.EventSent,
    InstanceId: action.entityId,
    Name: "op",
    Input: JSON.stringify(request),
  };
}
