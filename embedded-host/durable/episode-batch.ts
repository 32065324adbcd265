import { type EventMessage, EventType, parseMessage } from "./history.ts";
import type { InboxMessage, InstanceRecord } from "./store.ts";

type Terminated = Extract<EventMessage, { EventType: typeof EventType.ExecutionTerminated }>;

/** The due messages of one instance, sorted out. */
export interface EpisodeBatch {
  /** Suspend and resume, in order of arrival. */
  readonly control: readonly EventMessage[];
  readonly termination: Terminated | undefined;
  /** Whether the instance is suspended after the control messages. */
  readonly isSuspended: boolean;
  /** What the orchestrator shall see; empty while suspended: it stays in the inbox. */
  readonly messages: readonly EventMessage[];
  /** Inbox ids that the episode uses up, messages of earlier generations included. */
  readonly consumedIds: readonly number[];
}

/** Control messages overtake all others, so a suspended instance can still be resumed or ended. */
export function sortBatch(record: InstanceRecord, due: readonly InboxMessage[]): EpisodeBatch {
  const consumedIds: number[] = [];
  const control: EventMessage[] = [];
  const waiting: { id: number; message: EventMessage }[] = [];
  let termination: Terminated | undefined;
  let isSuspended = record.status === "Suspended";
  for (const { id, executionId, text } of due) {
    if (executionId !== null && executionId !== record.executionId) {
      consumedIds.push(id);
      continue;
    }
    const message = parseMessage(text);
    switch (message.EventType) {
      case EventType.ExecutionTerminated:
        termination ??= message;
        consumedIds.push(id);
        break;
      case EventType.ExecutionSuspended:
      case EventType.ExecutionResumed:
        isSuspended = message.EventType === EventType.ExecutionSuspended;
        control.push(message);
        consumedIds.push(id);
        break;
      default:
        waiting.push({ id, message });
    }
  }
  if (isSuspended) return { control, termination, isSuspended, messages: [], consumedIds };
  // An event raised while the start message was on its way must not come before it.
  const messages = waiting
    .map(({ message }) => message)
    .toSorted((a, b) => Number(isStart(b)) - Number(isStart(a)));
  for (const { id } of waiting) consumedIds.push(id);
  return { control, termination, isSuspended, messages, consumedIds };
}

function isStart(message: EventMessage): boolean {
  return message.EventType === EventType.ExecutionStarted;
}
