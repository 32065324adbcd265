import { EventType, type HistoryEvent } from "./history.ts";
import type { InstanceRecord } from "./store.ts";

export interface StatusOptions {
  readonly showInput: boolean;
  readonly historyEvents?: readonly unknown[];
}

/** An instance as the status API shows it. `input` and `output` are always there, null at least. */
export function presentStatus(record: InstanceRecord, options: StatusOptions) {
  return {
    name: record.name,
    instanceId: record.id,
    runtimeStatus: record.status,
    input: options.showInput ? parseValue(record.input) : null,
    customStatus: parseValue(record.customStatus),
    output: parseValue(record.output),
    createdTime: presentInstant(record.createdAt),
    lastUpdatedTime: presentInstant(record.updatedAt),
    ...(options.historyEvents === undefined ? {} : { historyEvents: options.historyEvents }),
  };
}

/** `yyyy-MM-ddTHH:mm:ssZ`. */
export function presentInstant(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

export function parseValue(jsonText: string | null): unknown {
  return jsonText === null ? null : JSON.parse(jsonText);
}

/**
 * The history for people: scheduling events are folded into the completions they led to, and the
 * engine's own bookkeeping is left out.
 */
export function presentHistory(
  events: readonly HistoryEvent[],
  showOutput: boolean,
): readonly Record<string, unknown>[] {
  const scheduled = new Map<number, HistoryEvent>();
  const shown: Record<string, unknown>[] = [];
  for (const event of events) {
    if (event.EventId >= 0) {
      scheduled.set(event.EventId, event);
      if (event.EventType !== EventType.EventSent) continue;
    }
    if (event.EventType === EventType.OrchestratorStarted) continue;
    if (event.EventType === EventType.OrchestratorCompleted) continue;
    shown.push(presentEvent(event, scheduled, showOutput));
  }
  return shown;
}

function presentEvent(
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, HistoryEvent>,
  showOutput: boolean,
): Record<string, unknown> {
  const { EventType: type, EventId: _id, ...rest } = event;
  const fields: Record<string, unknown> = { EventType: eventName(type), ...rest };
  const causeId = "TaskScheduledId" in event ? event.TaskScheduledId : undefined;
  const cause = causeId === undefined ? undefined : scheduled.get(causeId);
  if (cause !== undefined) {
    fields["ScheduledTime"] = cause.Timestamp;
    if ("Name" in cause) fields["FunctionName"] = cause.Name;
    delete fields["TaskScheduledId"];
  }
  if (!showOutput) {
    delete fields["Result"];
    delete fields["Input"];
  }
  return fields;
}

function eventName(type: number): string {
  return Object.entries(EventType).find(([, number]) => number === type)?.[0] ?? String(type);
}
