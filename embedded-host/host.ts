import { mkdirSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createInProcessWorker } from "./core/in-process-worker.ts";
import type { WriteLog } from "./core/log.ts";
import type { TypedData } from "./core/worker-port.ts";
import { createDurableHost } from "./durable/create-durable-host.ts";
import type { DurableHost } from "./durable/durable-host.ts";
import type { GuardedWorker } from "./guarded-worker.ts";
import { guardWorker } from "./guarded-worker.ts";
import type { HostListeners } from "./host-listeners.ts";
import { openListeners } from "./host-listeners.ts";
import type { HostOptions } from "./host-options.ts";
import { RPC_DURABLE_PATH } from "./http/durable-mount.ts";
import type { HostKeys } from "./http/keys.ts";
import { loadKeys } from "./http/keys.ts";
import { createRouter } from "./http/router.ts";
import type { ServeContext } from "./http/serve.ts";
import { serve } from "./http/serve.ts";
import { serveRpc } from "./http/serve-rpc.ts";
import { createInvokeFunction } from "./invocations.ts";
import { describeError } from "./json-file.ts";
import { createLog } from "./log.ts";
import type { AppSettings } from "./settings.ts";
import { forcedEnvironment, isDisabled, readAppSettings, resolveSettings } from "./settings.ts";
import { lockState } from "./state-lock.ts";
import { checkBindings } from "./supported-bindings.ts";
import { appTimeZone } from "./triggers/time-zone.ts";
import type { Timer } from "./triggers/timer.ts";
import { openTimerStore } from "./triggers/timer-store.ts";
import { createTimers } from "./triggers/timers.ts";

/** The protocol level that the app sees: Functions 4. */
const HOST_VERSION = "4.1000.0";
/** `appTerminate` hooks that take longer are left behind. */
const HOOKS_GRACE_MS = 5_000;
/** For durable calls of handlers that the end of the grace period cut short. */
const RPC_GRACE_MS = 200;

export interface HostHooks {
  readonly writeLine: (line: string) => void;
  /** The function timeout struck, or the durable storage failed: the process must end. */
  readonly onFatal: (message: string) => void;
}

export interface RunningHost {
  readonly url: string;
  readonly port: number;
  readonly functionTimeoutMs: number | null;
  /** Ends requests, timer runs and durable work within `graceMs`, then what is left by force. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Runs an app in this process. Environment, working directory and the library's state are the
 * process's own, so there is one host per process. Rejects with a clear message when the app or
 * its settings cannot run; it holds nothing any more then.
 */
export async function startHost(options: HostOptions, hooks: HostHooks): Promise<RunningHost> {
  const appDirectory = resolvePath(options.appDirectory);
  const stateDirectory = resolvePath(options.stateDirectory);
  const settings = await readAppSettings(appDirectory, process.env);
  const log = createLog(settings.host.logLevels, hooks.writeLine);
  // Whatever was opened, in reverse order.
  const resources = new AsyncDisposableStack();
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    const lock = lockState(stateDirectory);
    resources.defer(() => lock.release());
    const listeners = await openListeners(options, settings.defaultPort);
    resources.defer(() => listeners.open.close(0));
    resources.defer(() => listeners.rpc.close(RPC_GRACE_MS));
    const forced = forcedEnvironment(appDirectory, listeners.open.port, settings.env);
    Object.assign(process.env, settings.additions, forced);
    const setup = { options, appDirectory, stateDirectory, settings, log, hooks, listeners };
    return await startParts(setup, resources);
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

interface Setup {
  readonly options: HostOptions;
  readonly appDirectory: string;
  readonly stateDirectory: string;
  readonly settings: AppSettings;
  readonly log: WriteLog;
  readonly hooks: HostHooks;
  readonly listeners: HostListeners;
}

async function startParts(setup: Setup, resources: AsyncDisposableStack): Promise<RunningHost> {
  const { settings, log, listeners } = setup;
  let durableClient: () => TypedData = () => ({});
  const worker = createWorker(setup, () => durableClient());
  await worker.start(setup.appDirectory);
  resources.defer(() => within(worker.stop(), HOOKS_GRACE_MS));
  checkBindings(worker.functions);

  const keys = await loadKeys(
    setup.stateDirectory,
    worker.functions.map((fn) => fn.name),
  );
  const durable = createDurable(setup, worker, keys);
  resources.defer(() => durable.stop(0));
  const rpcUrl = `http://127.0.0.1:${listeners.rpc.port}${RPC_DURABLE_PATH}/`;
  durableClient = () => durable.clientBinding(listeners.url, rpcUrl);
  const timers = createAppTimers(setup, worker, resources);
  let isStopping = false;
  let stopped: Promise<void> | undefined;
  const context = createServeContext(setup, worker, durable, keys, () => isStopping);

  // First: work found in the store runs at once and may call the durable client.
  listeners.rpc.setHandler(serveRpc(durable, settings.bodyLimitBytes, log));
  await durable.start();
  listeners.open.setHandler((request, response) => serve(request, response, context));
  timers.start();
  return {
    url: listeners.url,
    port: listeners.open.port,
    functionTimeoutMs: settings.host.functionTimeoutMs,
    stop(graceMs) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };

  async function stop(graceMs: number): Promise<void> {
    isStopping = true;
    await Promise.all([
      listeners.open.close(graceMs),
      within(timers.stop(), graceMs),
      durable.stop(graceMs),
    ]);
    worker.abandon("The host is stopping.");
    await resources.disposeAsync();
  }
}

function createWorker(
  { settings, log, hooks }: Setup,
  durableClient: () => TypedData,
): GuardedWorker {
  return guardWorker(createInProcessWorker({ log, hostVersion: HOST_VERSION }), {
    timeoutMs: settings.host.functionTimeoutMs,
    onTimeout(message) {
      log({ level: "critical", category: "system", message });
      hooks.onFatal(message);
    },
    isDisabled: (name) => isDisabled(name, settings.env),
    durableClient,
  });
}

function createDurable(
  { settings, stateDirectory, log, hooks }: Setup,
  worker: GuardedWorker,
  keys: HostKeys,
): DurableHost {
  const { durableTask } = settings.host;
  const { defaultAsyncRequestSleepTimeMs: httpPollMs } = durableTask;
  return createDurableHost({
    worker,
    stateFile: join(stateDirectory, "durable.sqlite"),
    hubName: durableTask.hubName,
    systemKey: keys.systemKeys["durabletask"] ?? keys.master,
    limits: durableTask.limits,
    ...(httpPollMs === undefined ? {} : { httpPollMs }),
    log,
    onFatal: (error) => hooks.onFatal(describeError(error)),
  });
}

function createAppTimers(
  { settings, stateDirectory, log, options }: Setup,
  worker: GuardedWorker,
  resources: AsyncDisposableStack,
): Timer {
  const store = openTimerStore(join(stateDirectory, "timers.sqlite"));
  resources.defer(() => store.close());
  const { minimumMonitoredMs } = options;
  return createTimers({
    functions: worker.functions,
    invoke: createInvokeFunction(worker),
    store,
    zone: appTimeZone(settings.env["WEBSITE_TIME_ZONE"]),
    log,
    ...(minimumMonitoredMs === undefined ? {} : { minimumMonitoredMs }),
    resolve: (text, where) => resolveSettings(text, settings.env, where),
  });
}

function createServeContext(
  { options, settings, listeners, log, appDirectory }: Setup,
  worker: GuardedWorker,
  durable: DurableHost,
  keys: HostKeys,
  isStopping: () => boolean,
): ServeContext {
  const { host, local, env, bodyLimitBytes } = settings;
  const invoke = createInvokeFunction(worker);
  return {
    router: createRouter(worker.functions, host.routePrefix, (text, where) =>
      resolveSettings(text, env, where),
    ),
    functions: worker.functions,
    invoke,
    durable,
    admin: {
      functions: worker.functions,
      disabledFunctions: worker.disabledFunctions,
      invoke,
      log,
      hostId: appDirectory,
      version: HOST_VERSION,
      startedAt: Date.now(),
      isStopping,
    },
    keys: options.enableAuth === true ? keys : undefined,
    cors: { origins: local.corsOrigins, allowsCredentials: local.corsCredentials },
    customHeaders: host.customHeaders,
    httpUri: worker.capabilities.HttpUri,
    scheme: listeners.scheme,
    bodyLimitBytes,
    isHomepageOff: env["AzureWebJobsDisableHomepage"]?.toLowerCase() === "true",
    log,
  };
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    work.catch(() => undefined),
    sleep(limitMs, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
}
