import type { WorkerPort } from "../../core/worker-port.ts";
import type { ScheduledAction } from "../../durable/actions.ts";
import { callOrchestrator } from "../../durable/call-orchestrator.ts";
import type { EngineContext } from "../../durable/engine-context.ts";
import { FunctionIndex } from "../../durable/function-index.ts";
import {
  type EventMessage,
  EventType,
  type HistoryEvent,
  recordEvent,
} from "../../durable/history.ts";
import { withPlayed } from "../../durable/history-cache.ts";
import { replay } from "../../durable/replay.ts";
import { eventsOf, type Program } from "./random-program.ts";
import type { Expected, Outcome } from "./reference-model.ts";

interface Instance {
  id: string;
  input: string | null;
  history: HistoryEvent[];
  parent: { id: string; taskId: number } | undefined;
  ending: { outcome: Outcome; at: number } | undefined;
}

interface Message {
  at: number;
  to: string;
  body: EventMessage;
}

/**
 * Drives replay and the real SDK in virtual time: every episode takes no time, every activity
 * exactly its duration. No storage, no clock, so thousands of programs run in seconds.
 */
export class VirtualEngine {
  activityRuns = 0;
  readonly signals: Record<string, number> = {};
  readonly #worker: WorkerPort;
  readonly #functions: FunctionIndex;
  readonly #instances = new Map<string, Instance>();
  readonly #attempts = new Map<string, number>();
  #queue: Message[] = [];
  #now = 0;
  #nextId = 0;

  constructor(worker: WorkerPort) {
    this.#worker = worker;
    this.#functions = new FunctionIndex(worker);
  }

  async run(program: Program, startsAt: number): Promise<Expected> {
    this.#now = startsAt;
    this.#create("root", JSON.stringify(program), undefined);
    for (const { name, value, atMs } of eventsOf(program)) {
      const body = { EventType: EventType.EventRaised, Name: name, Input: String(value) } as const;
      this.#queue.push({ at: startsAt + atMs, to: "root", body });
    }
    while (this.#queue.length > 0) await this.#step();
    const ending = this.#instances.get("root")?.ending;
    if (ending === undefined) throw new Error("the root never ended");
    const { activityRuns, signals } = this;
    return { outcome: ending.outcome, endsAt: ending.at, activityRuns, signals };
  }

  /** The earliest instant; its messages for one instance make one episode. */
  async #step(): Promise<void> {
    const first = this.#queue.reduce((a, b) => (b.at < a.at ? b : a));
    this.#now = first.at;
    const isMine = (m: Message) => m.at === first.at && m.to === first.to;
    const messages = this.#queue.filter(isMine);
    this.#queue = this.#queue.filter((m) => !isMine(m));
    const instance = this.#instances.get(first.to);
    if (instance === undefined || instance.ending !== undefined) return;
    const bodies = messages.map((m) => m.body);
    await this.#episode(instance, [{ EventType: EventType.OrchestratorStarted }, ...bodies]);
  }

  async #episode(instance: Instance, bodies: EventMessage[]): Promise<void> {
    const added = bodies.map((body) => recordEvent(body, this.#now));
    const texts = [
      ...instance.history.map((event) => withPlayed(JSON.stringify(event), true)),
      ...added.map((event) => withPlayed(JSON.stringify(event), false)),
    ];
    instance.history.push(...added);
    const fn = this.#functions.find("orchestration", "program");
    if (fn === undefined) throw new Error("fixture app has no program");
    const context = { worker: this.#worker, httpPollMs: 30_000 } as EngineContext;
    const record = { id: instance.id, input: instance.input, parent: null };
    const state = await callOrchestrator(context, fn, record as never, texts);
    if (state.actions === null) throw new Error(state.error);
    const result = replay(instance.history, state.actions);
    if (result.nonDeterminism !== undefined) throw new Error(result.nonDeterminism);
    for (const action of result.newActions) {
      const event = this.#schedule(instance, action);
      instance.history.push(recordEvent(event, this.#now, action.id));
    }
    instance.history.push(recordEvent({ EventType: EventType.OrchestratorCompleted }, this.#now));
    if (!result.isSettled || (state.error === undefined && !state.isDone)) return;
    const outcome: Outcome =
      state.error === undefined
        ? { ok: true, value: JSON.parse(state.output ?? "null") }
        : { ok: false, code: Number(/x(\d+)/.exec(state.error)?.[1]) };
    instance.ending = { outcome, at: this.#now };
    if (instance.parent !== undefined) this.#tellParent(instance.parent, outcome, state.output);
  }

  #create(id: string, input: string | null, parent: Instance["parent"]): void {
    this.#instances.set(id, { id, input, history: [], parent, ending: undefined });
    this.#send(id, 0, {
      EventType: EventType.ExecutionStarted,
      Name: "program",
      Version: "",
      Input: input,
      OrchestrationInstance: { InstanceId: id, ExecutionId: id },
      ParentInstance: null,
    });
  }

  #send(to: string, afterMs: number, body: EventMessage): void {
    this.#queue.push({ at: this.#now + afterMs, to, body });
  }

  #tellParent(
    { id, taskId }: { id: string; taskId: number },
    outcome: Outcome,
    output: string | null,
  ) {
    const TaskScheduledId = taskId;
    if (outcome.ok) {
      const completed = EventType.SubOrchestrationInstanceCompleted;
      this.#send(id, 0, { EventType: completed, TaskScheduledId, Result: output });
    } else {
      const failed = EventType.SubOrchestrationInstanceFailed;
      this.#send(id, 0, { EventType: failed, TaskScheduledId, ...failure(outcome.code) });
    }
  }

  #schedule(instance: Instance, action: ScheduledAction): EventMessage {
    const { id } = action;
    switch (action.kind) {
      case "activity":
        this.#runStep(instance, id, action.input ?? "null");
        return {
          EventType: EventType.TaskScheduled,
          Name: action.name,
          Version: "",
          Input: action.input,
        };
      case "timer": {
        const { fireAt: FireAt } = action;
        const waitMs = Math.max(0, Date.parse(FireAt) - this.#now);
        if (!action.isCanceled) {
          this.#send(instance.id, waitMs, { EventType: EventType.TimerFired, TimerId: id, FireAt });
        }
        return { EventType: EventType.TimerCreated, FireAt };
      }
      case "sub-orchestration": {
        this.#nextId += 1;
        const InstanceId = `sub${this.#nextId}`;
        this.#create(InstanceId, action.input, { id: instance.id, taskId: id });
        const { name: Name, input: Input } = action;
        const created = EventType.SubOrchestrationInstanceCreated;
        return { EventType: created, Name, Version: "", InstanceId, Input };
      }
      case "entity-call":
      case "entity-signal":
        return this.#sendToEntity(instance, action);
    }
  }

  #runStep(instance: Instance, TaskScheduledId: number, input: string): void {
    const node = JSON.parse(input);
    const key = `${instance.id}/${node.uid}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    this.activityRuns += 1;
    this.#send(
      instance.id,
      node.durationMs,
      attempt <= node.failures
        ? { EventType: EventType.TaskFailed, TaskScheduledId, ...failure(node.value) }
        : { EventType: EventType.TaskCompleted, TaskScheduledId, Result: String(node.value) },
    );
  }

  #sendToEntity(
    instance: Instance,
    action: Extract<ScheduledAction, { kind: "entity-call" | "entity-signal" }>,
  ): EventMessage {
    this.#nextId += 1;
    const requestId = `request${this.#nextId}`;
    const input = JSON.parse(action.input ?? "null");
    const key = action.entityId.split("@")[2] ?? "";
    if (action.kind === "entity-signal") this.signals[key] = (this.signals[key] ?? 0) + input;
    else {
      const Input = JSON.stringify({ result: String(input.value * 2) });
      const answer = { EventType: EventType.EventRaised, Name: requestId, Input } as const;
      this.#send(instance.id, input.durationMs, answer);
    }
    const sent = JSON.stringify({ op: action.operation, id: requestId });
    return { EventType: EventType.EventSent, InstanceId: action.entityId, Name: "op", Input: sent };
  }
}

function failure(code: number) {
  return { Reason: `x${code}`, Details: "", FailureDetails: null };
}
