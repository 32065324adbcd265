import { connectCoreApi } from "./core-api.ts";
import { loadApp } from "./load-app.ts";
import type { WriteLog } from "./log.ts";
import { Registry } from "./registry.ts";
import { runHooks, runInvocation } from "./run-invocation.ts";
import type {
  Invocation,
  InvocationResult,
  RegisteredFunction,
  WorkerPort,
} from "./worker-port.ts";

export interface InProcessWorkerOptions {
  readonly log: WriteLog;
  readonly hostVersion: string;
  /** The app's cwd is its own directory, as in Azure. Off where the cwd is shared. Default: on. */
  readonly changeDirectory?: boolean;
}

/** Runs the app inside this process. Code in a busy loop cannot be stopped from here. */
export function createInProcessWorker(options: InProcessWorkerOptions): WorkerPort {
  return new InProcessWorker(options);
}

class InProcessWorker implements WorkerPort {
  functions: readonly RegisteredFunction[] = [];
  capabilities: { HttpUri?: string } = {};
  readonly #options: InProcessWorkerOptions;
  readonly #registry = new Registry();
  readonly #appHookData: Record<string, unknown> = {};

  constructor(options: InProcessWorkerOptions) {
    this.#options = options;
  }

  async start(appDirectory: string): Promise<void> {
    const { log, hostVersion, changeDirectory = true } = this.#options;
    connectCoreApi({ registry: this.#registry, hostVersion, log });
    if (changeDirectory) process.chdir(appDirectory);
    await loadApp(appDirectory);
    await runHooks(this.#registry, "appStart", {
      hookData: {},
      appHookData: this.#appHookData,
      functionAppDirectory: appDirectory,
    });
    const model = this.#registry.programmingModel;
    if (model === undefined) {
      throw new Error(
        `The app in ${appDirectory} registered nothing with @azure/functions. Is "main" right, and is there only one copy of @azure/functions?`,
      );
    }
    this.capabilities = readCapabilities(await model.getCapabilities({}));
    this.functions = this.#registry.lock();
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const registration = this.#registry.function(invocation.functionName);
    if (registration === undefined) {
      throw new Error(`There is no function named "${invocation.functionName}".`);
    }
    return runInvocation(registration, invocation, {
      registry: this.#registry,
      appHookData: this.#appHookData,
      log: this.#options.log,
    });
  }

  async stop(): Promise<void> {
    await runHooks(this.#registry, "appTerminate", {
      hookData: {},
      appHookData: this.#appHookData,
    });
  }
}

function readCapabilities(reported: unknown): { HttpUri?: string } {
  if (typeof reported !== "object" || reported === null || !("HttpUri" in reported)) return {};
  return typeof reported.HttpUri === "string" ? { HttpUri: reported.HttpUri } : {};
}
