import { HostFailureError } from "../core/host-failure.ts";
import { callOrchestrator, type OrchestratorState } from "./call-orchestrator.ts";
import type { EngineContext } from "./engine-context.ts";
import { type EpisodeBatch, sortBatch } from "./episode-batch.ts";
import { type Ending, finishInstance, startNextGeneration } from "./finish-instance.ts";
import { type EventMessage, EventType, type HistoryEvent, recordEvent } from "./history.ts";
import { type CachedHistory, HistoryCache, withPlayed } from "./history-cache.ts";
import { type ReplayResult, replay } from "./replay.ts";
import { refuseAction, scheduleAction } from "./schedule-action.ts";
import { type InstanceRecord, isFinished } from "./store.ts";

/** As in the .NET extension, counted in UTF-16. */
const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;

/** Runs orchestrations, one episode at a time; the caller never runs two of one instance at once. */
export class Orchestrations {
  readonly #context: EngineContext;
  readonly #cache: HistoryCache;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#cache = new HistoryCache(context.store);
  }

  /** Takes what is due in the instance's inbox through the orchestrator function and commits. */
  async runEpisode(instanceId: string): Promise<void> {
    const { store, now, wakeups, functions } = this.#context;
    const due = store.dueMessages(instanceId, now());
    if (due.length === 0) return;
    const record = store.getInstance(instanceId);
    if (record === undefined || isFinished(record.status)) {
      // Late timers and answers to an instance that is over.
      store.transaction(() => store.deleteMessages(due.map(({ id }) => id)));
      return;
    }
    const batch = sortBatch(record, due);
    if (batch.termination !== undefined || batch.messages.length === 0) {
      this.#commitWithoutRun(record, batch);
      return;
    }
    const history = this.#cache.read(instanceId, record.executionId);
    const episode = this.#newEvents(batch);
    const fn = functions.find("orchestration", record.name);
    if (fn === undefined) {
      const reason = functions.missing("orchestration", record.name);
      this.#commit(record, batch, history, episode, () => failed(record, reason));
      return;
    }
    const texts = episode.map((event) => withPlayed(JSON.stringify(event), false));
    let state: OrchestratorState;
    try {
      const historyTexts = history.playedTexts.concat(texts);
      state = await callOrchestrator(this.#context, fn, record, historyTexts);
    } catch (error) {
      if (!(error instanceof HostFailureError)) throw error;
      wakeups.retryLater(() => wakeups.recipient(instanceId));
      return;
    }
    if (this.#context.isStopped()) return;
    this.#commitEpisode(record, batch, history, episode, state);
  }

  #newEvents(batch: EpisodeBatch): HistoryEvent[] {
    const nowMs = this.#context.now();
    const started: EventMessage = { EventType: EventType.OrchestratorStarted };
    return [started, ...batch.control, ...batch.messages].map((body) => recordEvent(body, nowMs));
  }

  /** Suspend, resume without a backlog, terminate: user code has no say in them. */
  #commitWithoutRun(record: InstanceRecord, batch: EpisodeBatch): void {
    const nowMs = this.#context.now();
    const history = this.#cache.read(record.id, record.executionId);
    const { termination } = batch;
    const events = [...batch.control, ...(termination === undefined ? [] : [termination])].map(
      (body) => recordEvent(body, nowMs),
    );
    const status = batch.isSuspended ? "Suspended" : "Running";
    const unchanged = batch.control.length === 0;
    this.#commit(record, batch, history, events, () => {
      if (termination !== undefined) {
        const reason = termination.Input ?? "";
        return { status: "Terminated", reason };
      }
      if (!unchanged) this.#context.store.putInstance({ ...record, status, updatedAt: nowMs });
      return undefined;
    });
  }

  #commitEpisode(
    record: InstanceRecord,
    batch: EpisodeBatch,
    history: CachedHistory,
    episode: HistoryEvent[],
    state: OrchestratorState,
  ): void {
    const context = this.#context;
    const updated: InstanceRecord = {
      ...record,
      status: "Running",
      customStatus: state.customStatus,
      updatedAt: context.now(),
    };
    const result = replayState(context, history.events.concat(episode), state);
    const ending = decideEnding(updated, state, result);
    if (ending === "next-generation" && typeof result !== "string") {
      context.store.transaction(() => {
        context.store.deleteMessages(batch.consumedIds);
        // Signals sent just before; their events belong to a history that ends here.
        for (const action of result.newActions) scheduleAction(context, record, action);
        const input = result.continueAsNew?.input ?? null;
        startNextGeneration(context, updated, input, result.carriedOver);
      });
      this.#cache.forget(record.id);
      return;
    }
    this.#commit(updated, batch, history, episode, (append) => {
      if (typeof result !== "string") {
        for (const action of result.newActions) {
          append(scheduleAction(context, record, action), action.id);
        }
      }
      if (ending === undefined) context.store.putInstance(updated);
      return ending === "next-generation" ? undefined : ending;
    });
  }

  /** One transaction: inbox, history, effects and status move together or not at all. */
  #commit(
    record: InstanceRecord,
    batch: EpisodeBatch,
    history: CachedHistory,
    events: HistoryEvent[],
    effects: (append: (body: EventMessage, id: number) => void) => Ending | undefined,
  ): void {
    const { store, now } = this.#context;
    const nowMs = now();
    const ending = store.transaction(() => {
      store.deleteMessages(batch.consumedIds);
      const end = effects((body, id) => events.push(recordEvent(body, nowMs, id)));
      if (end !== undefined) {
        events.push(recordEvent(finishInstance(this.#context, record, end), nowMs));
      }
      if (events[0]?.EventType === EventType.OrchestratorStarted) {
        events.push(recordEvent({ EventType: EventType.OrchestratorCompleted }, nowMs));
      }
      const texts = events.map((event) => JSON.stringify(event));
      store.appendHistory(record.id, history.events.length, texts);
      return end;
    });
    if (ending === undefined) this.#cache.append(record.id, history, events);
    else this.#reportEnding(record, ending);
  }

  #reportEnding(record: InstanceRecord, ending: Ending): void {
    this.#cache.forget(record.id);
    if (ending.status !== "Failed") return;
    this.#context.log({
      level: "error",
      category: "system",
      message: `Instance ${record.id} failed. ${ending.reason}`,
      functionName: record.name,
    });
  }
}

/** A string is the reason why the orchestration cannot go on. */
function replayState(
  context: EngineContext,
  history: readonly HistoryEvent[],
  state: OrchestratorState,
): ReplayResult | string {
  if (state.actions === null) return state.error ?? "The orchestrator reported no actions.";
  if (Buffer.byteLength(state.customStatus ?? "", "utf16le") > MAX_CUSTOM_STATUS_BYTES) {
    return `The custom status is larger than ${MAX_CUSTOM_STATUS_BYTES} bytes of UTF-16 text.`;
  }
  try {
    const result = replay(history, state.actions, context.httpPollMs);
    if (result.nonDeterminism !== undefined) {
      return `Non-Deterministic workflow detected: ${result.nonDeterminism}. Was the code changed while this instance was running?`;
    }
    const refusals = result.newActions.map((action) => refuseAction(context, action));
    return refusals.find((refusal) => refusal !== undefined) ?? result;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function decideEnding(
  record: InstanceRecord,
  state: OrchestratorState,
  result: ReplayResult | string,
): Ending | "next-generation" | undefined {
  if (typeof result === "string") return failed(record, result);
  if (!result.isSettled) return undefined;
  if (state.error !== undefined) return failed(record, state.error, state);
  if (result.continueAsNew !== undefined) return "next-generation";
  return state.isDone ? { status: "Completed", output: state.output } : undefined;
}

function failed(record: InstanceRecord, error: string, state?: OrchestratorState): Ending {
  return {
    status: "Failed",
    reason: `Orchestrator function '${record.name}' failed: ${error}`,
    failureDetails: state?.failureDetails ?? null,
  };
}
