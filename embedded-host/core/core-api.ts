import Module from "node:module";
import type { LogCategory, LogLevel, WriteLog } from "./log.ts";
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from "./programming-model.ts";
import type { HookCallback, Registry } from "./registry.ts";

const CORE_MODULE_ID = "@azure/functions-core";
/** Protocol level that the API object offers, as the Node worker would report it. */
const WORKER_VERSION = "3.12.0";

interface ActiveWorker {
  readonly registry: Registry;
  readonly hostVersion: string;
  readonly log: WriteLog;
}

/**
 * The library asks for the API object once per process and keeps it for ever, so there is one
 * object per process; it always speaks for the worker that was connected last.
 */
let active: ActiveWorker | undefined;
let installed = false;
/** Survives a second worker: the library announces its model only at its first registration. */
let announcedModel: ProgrammingModel | undefined;

/** Must run before any app code: a failed look-up is cached by the library as "test mode". */
export function connectCoreApi(worker: ActiveWorker): void {
  active = worker;
  worker.registry.programmingModel = announcedModel;
  if (installed) return;
  installed = true;
  // oxlint-disable-next-line typescript/unbound-method -- always called with its `this`, below
  const originalRequire = Module.prototype.require;
  Module.prototype.require = function patchedRequire(this: NodeModule, id: string): unknown {
    return id === CORE_MODULE_ID ? coreApi : originalRequire.call(this, id);
  };
}

class Disposable {
  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  #callOnDispose: (() => unknown) | undefined;

  constructor(callOnDispose: () => unknown) {
    this.#callOnDispose = callOnDispose;
  }

  dispose(): unknown {
    const call = this.#callOnDispose;
    this.#callOnDispose = undefined;
    return call?.();
  }
}

const coreApi = {
  version: WORKER_VERSION,
  get hostVersion(): string {
    return connected().hostVersion;
  },
  setProgrammingModel(model: ProgrammingModel): void {
    announcedModel = model;
    connected().registry.programmingModel = model;
  },
  getProgrammingModel(): ProgrammingModel | undefined {
    return connected().registry.programmingModel;
  },
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    return new Disposable(connected().registry.addFunction(metadata, callback));
  },
  registerHook(name: string, callback: HookCallback): Disposable {
    return new Disposable(connected().registry.addHook(name, callback));
  },
  log(level: LogLevel, category: LogCategory, message: string): void {
    connected().log({ level, category, message });
  },
  Disposable,
};

function connected(): ActiveWorker {
  if (active === undefined) throw new Error("No worker is connected to the Functions core API.");
  return active;
}
