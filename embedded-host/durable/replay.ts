import {
  type Action,
  ActionType,
  type DurableHttpCall,
  HTTP_ACTIVITY_NAME,
  type RetryPolicy,
  type ScheduledAction,
  toInputText,
  toPreparedInputText,
} from "./actions.ts";
import { type EventMessage, EventType, type HistoryEvent } from "./history.ts";
import { nextPoll } from "./http-polling.ts";
import { ReplayTask, whenAll, whenAny } from "./replay-task.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { type NewAction, TaskTable } from "./task-table.ts";

export interface ReplayResult {
  /** Actions that the history does not know yet, by id. */
  readonly newActions: readonly ScheduledAction[];
  /** Every action has run its course and nothing is open: the orchestration may end. */
  readonly isSettled: boolean;
  /** Present once `continueAsNew` was reached: input text of the next generation. */
  readonly continueAsNew: { readonly input: string | null } | undefined;
  /** External events that came after `continueAsNew`; the next generation gets them. */
  readonly carriedOver: readonly EventMessage[];
  /** Set if the history holds something that today's code did not ask for. */
  readonly nonDeterminism: string | undefined;
}

/** Wait between two polls of a durable HTTP call where the answer has no Retry-After. */
export const DEFAULT_HTTP_POLL_MS = 30_000;

/**
 * Replays the complete action list that the SDK returned over the history that it was given, and
 * finds out what is new. The SDK numbers its tasks by the order of the same events, so sequence
 * numbers must be handed out here in exactly that order: everything is synchronous.
 */
export function replay(
  history: readonly HistoryEvent[],
  actions: readonly Action[],
  httpPollMs = DEFAULT_HTTP_POLL_MS,
): ReplayResult {
  return new Replay(actions, httpPollMs).run(history);
}

class Replay {
  readonly #actions: readonly Action[];
  readonly #httpPollMs: number;
  readonly #table = new TaskTable();
  readonly #carriedOver: EventMessage[] = [];
  #position = 0;
  #isDriverDone = false;
  /** Time of the episode that the walk is in. */
  #nowMs = 0;
  #continueAsNew: { readonly input: string | null } | undefined;
  #nonDeterminism: string | undefined;

  constructor(actions: readonly Action[], httpPollMs: number) {
    this.#actions = actions;
    this.#httpPollMs = httpPollMs;
  }

  run(history: readonly HistoryEvent[]): ReplayResult {
    for (const event of history) {
      this.#apply(event);
      if (this.#nonDeterminism !== undefined) break;
    }
    return {
      newActions: this.#table.newActions(),
      isSettled: this.#isDriverDone && !this.#table.hasOpenTasks,
      continueAsNew: this.#continueAsNew,
      carriedOver: this.#carriedOver,
      nonDeterminism: this.#nonDeterminism,
    };
  }

  #apply(event: HistoryEvent): void {
    const table = this.#table;
    switch (event.EventType) {
      case EventType.OrchestratorStarted:
        this.#nowMs = Date.parse(event.Timestamp);
        break;
      case EventType.ExecutionStarted:
        this.#drive();
        break;
      case EventType.TaskScheduled:
        this.#nonDeterminism = table.confirm(event.EventId, "activity", event.Name);
        break;
      case EventType.TimerCreated:
        this.#nonDeterminism = table.confirm(event.EventId, "timer", undefined);
        break;
      case EventType.SubOrchestrationInstanceCreated:
        this.#nonDeterminism = table.confirm(event.EventId, "sub-orchestration", event.Name);
        break;
      case EventType.EventSent:
        this.#nonDeterminism = table.confirm(event.EventId, "entity message", event.InstanceId);
        table.confirmSent(event.EventId, event.Input);
        break;
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        table.resolve(event.TaskScheduledId, { ok: true, result: event.Result });
        break;
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        table.resolve(event.TaskScheduledId, { ok: false, result: null });
        break;
      case EventType.TimerFired:
        table.resolve(event.TimerId, { ok: true, result: null });
        break;
      case EventType.EventRaised:
        if (this.#continueAsNew === undefined) table.raise(event);
        else if (!table.isReply(event)) this.#carriedOver.push(event);
        break;
      default:
        break;
    }
  }

  /** Starts the actions one by one, the next when the one before has ended. */
  #drive(): void {
    for (;;) {
      const action = this.#actions[this.#position];
      if (action === undefined) break;
      this.#position += 1;
      const task = this.#start(action);
      if (task.outcome === undefined) {
        task.onEnd(() => this.#drive());
        return;
      }
    }
    this.#isDriverDone = true;
  }

  #start(action: Action): ReplayTask {
    const table = this.#table;
    switch (action.actionType) {
      case ActionType.CallActivity:
        return table.open(activity(action));
      case ActionType.CallActivityWithRetry:
        return this.#retry(action.retryOptions, () => table.open(activity(action)));
      case ActionType.CallSubOrchestrator:
        return table.open(subOrchestration(action));
      case ActionType.CallSubOrchestratorWithRetry:
        return this.#retry(action.retryOptions, () => table.open(subOrchestration(action)));
      case ActionType.ContinueAsNew:
        this.#continueAsNew = { input: toPreparedInputText(action.input) };
        return ReplayTask.finished();
      case ActionType.CreateTimer:
        return this.#startTimer(action.fireAt, action.isCanceled === true);
      case ActionType.WaitForExternalEvent:
        return table.waitFor(action.externalEventName);
      case ActionType.CallEntity:
        return table.openCall(entityMessage("entity-call", action));
      case ActionType.SignalEntity:
        table.take(entityMessage("entity-signal", action));
        return ReplayTask.finished();
      case ActionType.CallHttp:
        return this.#callHttp(action.httpRequest);
      case ActionType.WhenAny:
        return whenAny(action.compoundActions.map((child) => this.#start(child)));
      case ActionType.WhenAll:
        return whenAll(action.compoundActions.map((child) => this.#start(child)));
      default:
        throw new Error(
          `The embedded host does not know durable action ${JSON.stringify(action)}.`,
        );
    }
  }

  #startTimer(fireAt: string, isCanceled: boolean): ReplayTask {
    if (!isCanceled) return this.#table.open({ kind: "timer", fireAt, isCanceled });
    this.#table.take({ kind: "timer", fireAt, isCanceled });
    const cancelled = new ReplayTask();
    cancelled.isVoid = true;
    return cancelled;
  }

  /**
   * Attempts until one succeeds. The SDK counts one timer after every failed attempt, also after
   * the last (it waits for it before it reports the failure), so that one fires at once.
   */
  #retry(policy: RetryPolicy, attempt: () => ReplayTask): ReplayTask {
    const whole = new ReplayTask();
    const run = (attemptsMade: number): void => {
      attempt().onEnd((outcome) => {
        if (outcome.ok) {
          whole.finish(outcome);
          return;
        }
        const isLast = attemptsMade >= policy.maxNumberOfAttempts;
        const delayMs = isLast ? 0 : retryDelayMs(policy, attemptsMade);
        this.#pause(delayMs).onEnd(() => (isLast ? whole.finish(outcome) : run(attemptsMade + 1)));
      });
    };
    run(1);
    return whole;
  }

  #callHttp(call: DurableHttpCall): ReplayTask {
    const whole = new ReplayTask();
    const run = (current: DurableHttpCall): void => {
      const input = toInputText(current);
      this.#table.open({ kind: "activity", name: HTTP_ACTIVITY_NAME, input }).onEnd((outcome) => {
        const next = nextPoll(current, outcome.result, this.#httpPollMs);
        if (next === undefined) whole.finish(outcome);
        else this.#pause(next.delayMs).onEnd(() => run(next.call));
      });
    };
    run(call);
    return whole;
  }

  #pause(delayMs: number): ReplayTask {
    const fireAt = new Date(this.#nowMs + delayMs).toISOString();
    return this.#table.open({ kind: "timer", fireAt, isCanceled: false });
  }
}

function activity(call: { functionName: string; input?: unknown }): NewAction {
  return { kind: "activity", name: call.functionName, input: toPreparedInputText(call.input) };
}

function subOrchestration(call: {
  functionName: string;
  instanceId?: string;
  input?: unknown;
  version?: string;
}): NewAction {
  return {
    kind: "sub-orchestration",
    name: call.functionName,
    instanceId: call.instanceId,
    version: call.version ?? "",
    input: toInputText(call.input),
  };
}

function entityMessage(
  kind: "entity-call" | "entity-signal",
  call: { instanceId: string; operation: string; input?: unknown },
): NewAction {
  const { instanceId: entityId, operation } = call;
  return { kind, entityId, operation, input: toInputText(call.input) };
}
