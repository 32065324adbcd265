import type { RegisteredFunction, WorkerPort } from "../core/worker-port.ts";

type DurableKind = "orchestration" | "activity" | "entity";

const TRIGGERS = {
  orchestration: { type: "orchestrationtrigger", nameOption: "orchestration" },
  activity: { type: "activitytrigger", nameOption: "activity" },
  entity: { type: "entitytrigger", nameOption: "entityName" },
} as const;

/** Durable functions by kind and durable name, case-insensitive. */
export class FunctionIndex {
  readonly #byKey = new Map<string, RegisteredFunction>();

  constructor(worker: WorkerPort) {
    for (const fn of worker.functions) {
      for (const kind of ["orchestration", "activity", "entity"] as const) {
        const { type, nameOption } = TRIGGERS[kind];
        if (fn.trigger.type.toLowerCase() !== type) continue;
        const named = fn.trigger[nameOption];
        this.#byKey.set(keyOf(kind, typeof named === "string" ? named : fn.name), fn);
      }
    }
  }

  find(kind: DurableKind, name: string): RegisteredFunction | undefined {
    return this.#byKey.get(keyOf(kind, name));
  }

  /** Message for a name that is not there, in the words of the .NET extension. */
  missing(kind: DurableKind, name: string): string {
    const known = [...this.#byKey]
      .filter(([key]) => key.startsWith(`${kind}:`))
      .map(([, fn]) => `'${fn.name}'`);
    const article =
      kind === "entity" ? "an entity" : kind === "activity" ? "an activity" : "an orchestrator";
    return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Known ${kind} functions: ${known.join(", ") || "none"}.`;
  }
}

function keyOf(kind: DurableKind, name: string): string {
  return `${kind}:${name.toLowerCase()}`;
}
