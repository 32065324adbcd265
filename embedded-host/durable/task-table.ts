import type { ScheduledAction } from "./actions.ts";
import type { EventMessage } from "./history.ts";
import { DONE, type Outcome, ReplayTask } from "./replay-task.ts";

export type NewAction = ScheduledAction extends infer A
  ? A extends ScheduledAction
    ? Omit<A, "id">
    : never
  : never;

/** Hands out sequence numbers and knows which task waits for which history event. */
export class TaskTable {
  readonly #pending = new Map<number, ScheduledAction>();
  /** Activities, timers and sub-orchestrations under way; they keep the instance alive. */
  readonly #open = new Map<number, ReplayTask>();
  /** Entity calls by id until their EventSent tells the request id, then by request id. */
  readonly #unsentCalls = new Map<number, ReplayTask>();
  readonly #sentCalls = new Map<string, ReplayTask>();
  readonly #requestIds = new Set<string>();
  /** Waiters per event name; the latest is served first, as in the SDK. */
  readonly #waiters = new Map<string, ReplayTask[]>();
  /** Events that came before anybody waited, counted per name: their content is the SDK's affair. */
  readonly #buffered = new Map<string, number>();
  #nextId = 0;

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  /** Taken ids whose scheduling event the history does not hold. */
  newActions(): readonly ScheduledAction[] {
    return [...this.#pending.values()].toSorted((a, b) => a.id - b.id);
  }

  /** Takes the next sequence number for an action that nobody waits for. */
  take(action: NewAction): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#pending.set(id, { ...action, id });
    return id;
  }

  open(action: NewAction): ReplayTask {
    const task = new ReplayTask();
    this.#open.set(this.take(action), task);
    return task;
  }

  openCall(action: NewAction): ReplayTask {
    const task = new ReplayTask();
    this.#unsentCalls.set(this.take(action), task);
    return task;
  }

  waitFor(eventName: string): ReplayTask {
    const buffered = this.#buffered.get(eventName) ?? 0;
    if (buffered > 0) {
      this.#buffered.set(eventName, buffered - 1);
      return ReplayTask.finished();
    }
    const task = new ReplayTask();
    const waiters = this.#waiters.get(eventName);
    if (waiters === undefined) this.#waiters.set(eventName, [task]);
    else waiters.push(task);
    return task;
  }

  /** A scheduling event: returns what differs from the action that took this id, if anything does. */
  confirm(id: number, kind: string, name: string | undefined): string | undefined {
    const action = this.#pending.get(id);
    const expected = action === undefined ? "nothing" : describe(action);
    const recorded = name === undefined ? kind : `${kind} '${name}'`;
    if (expected.toLowerCase() !== recorded.toLowerCase()) {
      return `the history holds ${recorded} as number ${id}, but the code now asks for ${expected}`;
    }
    this.#pending.delete(id);
    return undefined;
  }

  confirmSent(id: number, input: string): void {
    const task = this.#unsentCalls.get(id);
    if (task === undefined) return;
    this.#unsentCalls.delete(id);
    const requestId = parseRequestId(input);
    this.#requestIds.add(requestId);
    this.#sentCalls.set(requestId, task);
  }

  /** Completion of a task; unknown ids belong to cancelled timers and are ignored. */
  resolve(id: number, outcome: Outcome): void {
    const task = this.#open.get(id);
    this.#open.delete(id);
    task?.finish(outcome);
  }

  isReply(event: { Name: string }): boolean {
    return this.#requestIds.has(event.Name);
  }

  raise(event: Extract<EventMessage, { Name: string; Input: string | null }>): void {
    const call = this.#sentCalls.get(event.Name);
    if (call !== undefined) {
      this.#sentCalls.delete(event.Name);
      call.finish(DONE);
      return;
    }
    const waiter = this.#waiters.get(event.Name)?.pop();
    if (waiter !== undefined) waiter.finish(DONE);
    else this.#buffered.set(event.Name, (this.#buffered.get(event.Name) ?? 0) + 1);
  }
}

function describe(action: ScheduledAction): string {
  switch (action.kind) {
    case "timer":
      return "timer";
    case "entity-call":
    case "entity-signal":
      return `entity message '${action.entityId}'`;
    case "activity":
    case "sub-orchestration":
      return `${action.kind} '${action.name}'`;
  }
}

/** `Input` of an EventSent is written by this engine and always has an id. */
function parseRequestId(input: string): string {
  return (JSON.parse(input) as { id: string }).id;
}
