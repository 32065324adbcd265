import { availableParallelism } from "node:os";
import type { WriteLog } from "../core/log.ts";
import type { TypedData, WorkerPort } from "../core/worker-port.ts";
import { runActivity } from "./activities.ts";
import { durableClientBinding } from "./client-binding.ts";
import { DueTimer } from "./due-timer.ts";
import type { DurableHost, DurableHttpRequest, DurableHttpResponse } from "./durable-host.ts";
import type { EngineContext } from "./engine-context.ts";
import { runEntityBatch } from "./entities.ts";
import { isEntityId } from "./entity-id.ts";
import { FunctionIndex } from "./function-index.ts";
import { problem } from "./http-answers.ts";
import { handleEntities } from "./http-entities.ts";
import { handleInstances } from "./http-instances.ts";
import { handleStart } from "./http-start.ts";
import { Instances } from "./instances.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import type { HubAddress } from "./management-urls.ts";
import { Orchestrations } from "./orchestrations.ts";
import { DEFAULT_HTTP_POLL_MS } from "./replay.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { DurableStore } from "./store.ts";

/** Values of `extensions.durableTask` in host.json; absent ones get Azure's defaults. */
export interface DurableLimits {
  readonly maxConcurrentActivities?: number;
  readonly maxConcurrentOrchestrators?: number;
  readonly maxConcurrentEntities?: number;
  readonly maxEntityOperationBatchSize?: number;
}

export interface DurableHostOptions {
  /** Started, or at least with its functions known, before `start` of the host. */
  readonly worker: WorkerPort;
  /** SQLite file, or `:memory:`. */
  readonly stateFile: string;
  /** FULL survives a crash of the operating system too. Default: NORMAL. */
  readonly synchronous?: "NORMAL" | "FULL";
  readonly hubName: string;
  readonly systemKey: string;
  readonly limits?: DurableLimits;
  /** `httpSettings.defaultAsyncRequestSleepTimeMilliseconds`. */
  readonly httpPollMs?: number;
  readonly log: WriteLog;
  readonly now?: () => number;
  /** The storage failed, or the engine itself: state is safe, but this process should end. */
  readonly onFatal?: (error: unknown) => void;
}

const DEFAULT_PER_CORE = 10;
const DEFAULT_ENTITY_BATCH = 50;
/** Pause before work is done again that the host itself broke off. */
const HOST_FAILURE_RETRY_MS = 1_000;

export function createDurableHost(options: DurableHostOptions): DurableHost {
  return new EmbeddedDurableHost(options);
}

class EmbeddedDurableHost implements DurableHost {
  readonly #options: DurableHostOptions;
  readonly #hub: HubAddress;
  readonly #retries = new Set<NodeJS.Timeout>();
  #running: RunningEngine | undefined;
  #isStopped = false;

  constructor(options: DurableHostOptions) {
    this.#options = options;
    this.#hub = { hubName: options.hubName, systemKey: options.systemKey };
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error("The durable host has been started already.");
    const { stateFile, synchronous, worker } = this.#options;
    const store = openSqliteStore(stateFile, synchronous);
    const engine = this.#assemble(store, new FunctionIndex(worker));
    this.#running = engine;
    for (const id of store.activityIds()) engine.activities.wake(id);
    engine.timer.start();
  }

  async stop(graceMs: number): Promise<void> {
    const engine = this.#running;
    if (engine === undefined || this.#isStopped) return;
    engine.timer.stop();
    const queues = [engine.orchestrations, engine.entities, engine.activities];
    for (const queue of queues) queue.stop();
    let graceTimer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      graceTimer = setTimeout(resolve, graceMs);
    });
    await Promise.race([grace, Promise.all(queues.map((queue) => queue.whenIdle()))]);
    clearTimeout(graceTimer);
    // From here on late results are dropped; their work is still in the store and runs again.
    this.#isStopped = true;
    for (const retry of this.#retries) clearTimeout(retry);
    engine.instances.releaseWaiters();
    engine.context.store.close();
  }

  async handleHttp(request: DurableHttpRequest): Promise<DurableHttpResponse> {
    const engine = this.#running;
    if (engine === undefined || this.#isStopped) {
      return problem(503, "The durable engine is not running.");
    }
    const segments = parsePath(request.path);
    if (segments === undefined) return problem(400, `Malformed path '${request.path}'.`);
    const [area, ...rest] = segments;
    const { context, instances } = engine;
    const routes = { context, instances, hub: this.#hub };
    switch (area?.toLowerCase()) {
      case "orchestrators":
        return handleStart(routes, request, rest);
      case "instances":
        return handleInstances(routes, request, rest);
      case "entities":
        return handleEntities(context, request, rest);
      default:
        return problem(404, `The durable API has no '${request.path}'.`);
    }
  }

  clientBinding(origin: string, rpcBaseUrl: string): TypedData {
    return durableClientBinding(origin, rpcBaseUrl, this.#hub);
  }

  #assemble(store: DurableStore, functions: FunctionIndex): RunningEngine {
    const { worker, log, limits = {}, httpPollMs = DEFAULT_HTTP_POLL_MS } = this.#options;
    const now = this.#options.now ?? Date.now;
    const perHost = DEFAULT_PER_CORE * availableParallelism();
    const onFatal = (error: unknown) => this.#fatal(error);
    const queue = <K>(maxConcurrent: number | undefined, run: (key: K) => Promise<void>) =>
      new KeyedQueue<K>({ maxConcurrent: maxConcurrent ?? perHost, run, onFatal });

    const context: EngineContext = {
      store,
      worker,
      functions,
      log,
      httpPollMs,
      maxEntityOperationBatchSize: limits.maxEntityOperationBatchSize ?? DEFAULT_ENTITY_BATCH,
      now,
      isStopped: () => this.#isStopped,
      wakeups: {
        recipient: (id) => (isEntityId(id) ? entities : orchestrations).wake(id),
        activity: (id) => activities.wake(id),
        at: (visibleAt) => timer.notice(visibleAt),
        retryLater: (wake) => this.#retryLater(wake),
        finished: (id) => instances.noticeFinished(id),
      },
    };
    const runner = new Orchestrations(context);
    const instances = new Instances(context);
    const orchestrations = queue<string>(limits.maxConcurrentOrchestrators, (id) =>
      runner.runEpisode(id),
    );
    const entities = queue<string>(limits.maxConcurrentEntities, (id) =>
      runEntityBatch(context, id),
    );
    const activities = queue<number>(limits.maxConcurrentActivities, (id) =>
      runActivity(context, id),
    );
    const timer = new DueTimer(store, now, (id) => context.wakeups.recipient(id));
    return { context, instances, orchestrations, entities, activities, timer };
  }

  #retryLater(wake: () => void): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      wake();
    }, HOST_FAILURE_RETRY_MS);
    this.#retries.add(timer);
  }

  #fatal(error: unknown): void {
    if (this.#isStopped) return;
    const message = `The durable engine failed: ${error instanceof Error ? error.stack : String(error)}`;
    this.#options.log({ level: "critical", category: "system", message });
    this.#options.onFatal?.(error);
  }
}

interface RunningEngine {
  readonly context: EngineContext;
  readonly instances: Instances;
  readonly orchestrations: KeyedQueue<string>;
  readonly entities: KeyedQueue<string>;
  readonly activities: KeyedQueue<number>;
  readonly timer: DueTimer;
}

function parsePath(path: string): readonly string[] | undefined {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
