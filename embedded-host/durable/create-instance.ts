import { randomUUID } from "node:crypto";
import { type EngineContext, send } from "./engine-context.ts";
import { type EventMessage, EventType, type ParentInstance } from "./history.ts";
import { type InstanceRecord, isFinished } from "./store.ts";

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** JSON text. */
  readonly input: string | null;
  readonly parent: ParentInstance | null;
}

/**
 * Creates a pending instance with its start message; a finished one of the same id gives way.
 * Returns the existing instance instead if that one is still alive. Call inside a transaction.
 */
export function createInstance(
  context: EngineContext,
  wanted: NewInstance,
): { created: InstanceRecord } | { alive: InstanceRecord } {
  const { store, now } = context;
  const existing = store.getInstance(wanted.id);
  if (existing !== undefined && !isFinished(existing.status)) return { alive: existing };
  if (existing !== undefined) store.deleteInstance(wanted.id);
  const nowMs = now();
  const created: InstanceRecord = {
    ...wanted,
    executionId: newExecutionId(),
    status: "Pending",
    output: null,
    customStatus: null,
    createdAt: nowMs,
    updatedAt: nowMs,
  };
  store.putInstance(created);
  send(context, created.id, created.executionId, startMessage(created));
  return { created };
}

export function newExecutionId(): string {
  return randomUUID().replaceAll("-", "");
}

export function startMessage(record: InstanceRecord): EventMessage {
  return {
    EventType: EventType.ExecutionStarted,
    Name: record.name,
    Version: record.version,
    Input: record.input,
    OrchestrationInstance: { InstanceId: record.id, ExecutionId: record.executionId },
    ParentInstance: record.parent,
  };
}
