import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from "./programming-model.ts";
import type { RegisteredFunction } from "./worker-port.ts";

export const HOOK_NAMES = [
  "preInvocation",
  "postInvocation",
  "appStart",
  "appTerminate",
  "log",
] as const;

export type HookName = (typeof HOOK_NAMES)[number];
export type HookCallback = (context: unknown) => unknown;

export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  readonly described: RegisteredFunction;
}

/** Everything an app registers while its entry files run. Closed for functions once locked. */
export class Registry {
  programmingModel: ProgrammingModel | undefined;
  readonly #functions = new Map<string, Registration>();
  readonly #hooks = new Map<HookName, HookCallback[]>();
  #locked = false;

  /** Returns the undo. Names are compared case-insensitively: routes and webhooks are too. */
  addFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void {
    if (this.#locked) {
      throw new Error(
        `A function can only be registered during app startup: "${metadata.name}" came too late.`,
      );
    }
    const key = (metadata.functionId ?? metadata.name).toLowerCase();
    if (this.#functions.has(key)) {
      throw new Error(
        `A function named "${metadata.name}" is registered twice (names are case-insensitive). Rename one of them.`,
      );
    }
    this.#functions.set(key, { metadata, callback, described: describeFunction(metadata) });
    return () => {
      if (this.#locked) throw new Error(`Function "${metadata.name}" cannot go after app startup.`);
      this.#functions.delete(key);
    };
  }

  addHook(name: string, callback: HookCallback): () => void {
    const known = HOOK_NAMES.find((hook) => hook === name);
    if (known === undefined) throw unknownHookError(name);
    const callbacks = this.#hooks.get(known) ?? [];
    callbacks.push(callback);
    this.#hooks.set(known, callbacks);
    return () => {
      const index = callbacks.indexOf(callback);
      if (index >= 0) callbacks.splice(index, 1);
    };
  }

  hooks(name: HookName): readonly HookCallback[] {
    return [...(this.#hooks.get(name) ?? [])];
  }

  function(name: string): Registration | undefined {
    return this.#functions.get(name.toLowerCase());
  }

  lock(): readonly RegisteredFunction[] {
    this.#locked = true;
    return [...this.#functions.values()].map((registration) => registration.described);
  }
}

function describeFunction(metadata: FunctionMetadata): RegisteredFunction {
  const triggers = Object.entries(metadata.bindings).filter(([, binding]) =>
    binding.type.toLowerCase().endsWith("trigger"),
  );
  const [first] = triggers;
  if (first === undefined || triggers.length > 1) {
    throw new Error(
      `Function "${metadata.name}" has ${triggers.length} trigger bindings; exactly one is needed.`,
    );
  }
  return {
    name: metadata.name,
    bindings: metadata.bindings,
    triggerBindingName: first[0],
    trigger: first[1],
    ...(metadata.retryOptions === undefined ? {} : { retryOptions: metadata.retryOptions }),
  };
}

/** The library recognises exactly this mark and then warns instead of failing. */
function unknownHookError(name: string): RangeError {
  const error = new RangeError(`Unrecognized hook "${name}". Known: ${HOOK_NAMES.join(", ")}.`);
  return Object.assign(error, { isAzureFunctionsSystemError: true });
}
