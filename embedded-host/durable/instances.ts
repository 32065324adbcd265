import { createInstance, newExecutionId } from "./create-instance.ts";
import { type EngineContext, send } from "./engine-context.ts";
import { type EventMessage, EventType } from "./history.ts";
import { type InstanceFilter, type InstanceRecord, isFinished } from "./store.ts";

export type Accepted = "accepted" | "not-found" | "finished";

/** Instances purged in one transaction; keeps a big purge from blocking everything else. */
const PURGE_BATCH = 200;
const MAX_ID_LENGTH = 256;
const FORBIDDEN_IN_ID = /[/\\#?\p{Cc}]/u;

/** Why an id cannot be used, in words. */
export function refuseInstanceId(id: string): string | undefined {
  if (id === "" || id.length > MAX_ID_LENGTH) {
    return `An instance id has 1 to ${MAX_ID_LENGTH} characters, this one has ${id.length}.`;
  }
  if (id.startsWith("@")) return `Instance id '${id}' starts with '@', which marks entities.`;
  if (FORBIDDEN_IN_ID.test(id)) {
    return `Instance id '${id}' holds one of / \\ # ? or a control character.`;
  }
  return undefined;
}

/** What clients may do to orchestrations; every change is one transaction. */
export class Instances {
  readonly #context: EngineContext;
  readonly #finishWaiters = new Map<string, Set<() => void>>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  start(
    name: string,
    options: { id?: string; input: string | null; version?: string },
  ): { id: string } | { alive: InstanceRecord } {
    const id = options.id ?? newExecutionId();
    const { input, version = "" } = options;
    const wanted = { id, name, version, input, parent: null };
    const result = this.#context.store.transaction(() => createInstance(this.#context, wanted));
    return "alive" in result ? result : { id };
  }

  get(id: string): InstanceRecord | undefined {
    return this.#context.store.getInstance(id);
  }

  /** `Input` is JSON text. */
  raiseEvent(id: string, name: string, input: string | null): Accepted {
    return this.#tell(id, { EventType: EventType.EventRaised, Name: name, Input: input });
  }

  terminate(id: string, reason: string): Accepted {
    return this.#tell(id, { EventType: EventType.ExecutionTerminated, Input: reason });
  }

  suspend(id: string, reason: string): Accepted {
    return this.#tell(id, { EventType: EventType.ExecutionSuspended, Reason: reason });
  }

  resume(id: string, reason: string): Accepted {
    return this.#tell(id, { EventType: EventType.ExecutionResumed, Reason: reason });
  }

  /** The same orchestration with the same input once more, under the same or a new id. */
  restart(
    id: string,
    withNewId: boolean,
  ): { id: string } | { alive: InstanceRecord } | "not-found" {
    const record = this.get(id);
    if (record === undefined) return "not-found";
    const { name, input, version } = record;
    return this.start(name, { input, version, ...(withNewId ? {} : { id }) });
  }

  /** Number of instances purged; one that still runs stays. */
  purge(id: string): number | "not-found" {
    const { store } = this.#context;
    return store.transaction(() => {
      const record = store.getInstance(id);
      if (record === undefined) return "not-found";
      if (!isFinished(record.status)) return 0;
      store.deleteInstance(id);
      return 1;
    });
  }

  async purgeBy(filter: Omit<InstanceFilter, "limit" | "afterId">): Promise<number> {
    const { store } = this.#context;
    let purged = 0;
    let afterId = "";
    for (;;) {
      const page = store.listInstances({ ...filter, afterId, limit: PURGE_BATCH });
      const last = page.at(-1);
      if (last === undefined) return purged;
      const finished = page.filter(({ status }) => isFinished(status));
      store.transaction(() => {
        for (const { id } of finished) store.deleteInstance(id);
      });
      purged += finished.length;
      afterId = last.id;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The record as it is when the instance has finished or the time is up. */
  async waitUntilFinished(id: string, timeoutMs: number): Promise<InstanceRecord | undefined> {
    const record = this.get(id);
    if (record === undefined || isFinished(record.status)) return record;
    const waiters = this.#finishWaiters.get(id) ?? new Set();
    this.#finishWaiters.set(id, waiters);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, timeoutMs);
      waiters.add(end);
      function end() {
        clearTimeout(timer);
        waiters.delete(end);
        resolve();
      }
    });
    if (waiters.size === 0) this.#finishWaiters.delete(id);
    return this.#context.isStopped() ? record : this.get(id);
  }

  /** At shutdown: whoever waits is answered with what was known. */
  releaseWaiters(): void {
    for (const waiters of this.#finishWaiters.values()) for (const end of waiters) end();
  }

  /** Called inside the finishing transaction, so waiters look only after it. */
  noticeFinished(id: string): void {
    const waiters = this.#finishWaiters.get(id);
    if (waiters !== undefined) setImmediate(() => waiters.forEach((end) => end()));
  }

  #tell(id: string, message: EventMessage): Accepted {
    const { store } = this.#context;
    return store.transaction(() => {
      const record = store.getInstance(id);
      if (record === undefined) return "not-found";
      if (isFinished(record.status)) return "finished";
      send(this.#context, id, null, message);
      return "accepted";
    });
  }
}
