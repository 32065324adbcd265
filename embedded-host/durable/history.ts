/**
 * History events exactly as the durable SDK reads them (PascalCase, numeric types, ISO instants).
 * `EventId` is the sequence number on scheduling events and -1 on all others. `IsPlayed` is not
 * stored: it depends on the episode and is added when the history is handed to the SDK.
 */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

/** `Result` and `Input` are JSON text; null is "nothing" and must be present, never undefined. */
type EventBody =
  | {
      EventType: typeof EventType.ExecutionStarted;
      Name: string;
      Version: string;
      Input: string | null;
      OrchestrationInstance: { InstanceId: string; ExecutionId: string };
      ParentInstance: ParentInstance | null;
    }
  | {
      EventType: typeof EventType.ExecutionCompleted;
      OrchestrationStatus: number;
      Result: string | null;
    }
  | { EventType: typeof EventType.ExecutionTerminated; Input: string | null }
  | { EventType: typeof EventType.TaskScheduled; Name: string; Version: ""; Input: string | null }
  | { EventType: typeof EventType.TaskCompleted; TaskScheduledId: number; Result: string | null }
  | ({ EventType: typeof EventType.TaskFailed; TaskScheduledId: number } & Failure)
  | {
      EventType: typeof EventType.SubOrchestrationInstanceCreated;
      Name: string;
      Version: string;
      InstanceId: string;
      Input: string | null;
    }
  | {
      EventType: typeof EventType.SubOrchestrationInstanceCompleted;
      TaskScheduledId: number;
      Result: string | null;
    }
  | ({
      EventType: typeof EventType.SubOrchestrationInstanceFailed;
      TaskScheduledId: number;
    } & Failure)
  | { EventType: typeof EventType.TimerCreated; FireAt: string }
  | { EventType: typeof EventType.TimerFired; TimerId: number; FireAt: string }
  | { EventType: typeof EventType.OrchestratorStarted }
  | { EventType: typeof EventType.OrchestratorCompleted }
  | { EventType: typeof EventType.EventSent; InstanceId: string; Name: string; Input: string }
  | { EventType: typeof EventType.EventRaised; Name: string; Input: string | null }
  | { EventType: typeof EventType.ExecutionSuspended; Reason: string }
  | { EventType: typeof EventType.ExecutionResumed; Reason: string };

/** The SDK shows `"<Reason> \n <Details>"`, or a TaskFailedError when FailureDetails is an object. */
export interface Failure {
  Reason: string;
  Details: string;
  FailureDetails: FailureDetails | null;
}

export interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace: string | null;
  /** Always false: the SDK would wait for ever for the retries that .NET then skips. */
  IsNonRetriable: false;
  Properties: unknown;
  InnerFailure: null;
}

export interface ParentInstance {
  Name: string;
  TaskScheduleId: number;
  OrchestrationInstance: { InstanceId: string; ExecutionId: string };
}

export type HistoryEvent = EventBody & { EventId: number; Timestamp: string };

/** A message on its way into a history: an event without its bookkeeping. */
export type EventMessage = EventBody;

export function recordEvent(body: EventBody, atMs: number, eventId = -1): HistoryEvent {
  return { ...body, EventId: eventId, Timestamp: new Date(atMs).toISOString() };
}

/** The one place where stored event text becomes typed again; only this engine writes it. */
export function parseEvent(text: string): HistoryEvent {
  return JSON.parse(text) as HistoryEvent;
}

export function parseMessage(text: string): EventMessage {
  return JSON.parse(text) as EventMessage;
}
