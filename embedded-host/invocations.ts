import { randomUUID } from "node:crypto";
import type {
  InvocationResult,
  RegisteredFunction,
  TypedData,
  WorkerPort,
} from "./core/worker-port.ts";

export interface InvokeOptions {
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly invocationId?: string;
  readonly retryContext?: { retryCount: number; maxRetryCount: number };
}

/** Runs a function for a trigger: adds the function's other inputs to the trigger's value. */
export type InvokeFunction = (
  fn: RegisteredFunction,
  triggerValue: TypedData,
  options?: InvokeOptions,
) => Promise<InvocationResult>;

/** `durableClient` gives the value of a `durableClient` input; all other inputs are refused at start. */
export function createInvokeFunction(
  worker: WorkerPort,
  durableClient: () => TypedData,
): InvokeFunction {
  return (fn, triggerValue, options = {}) => {
    const extraInputs = Object.entries(fn.bindings)
      .filter(([, binding]) => isDurableClient(binding.type))
      .map(([name]) => ({ name, data: durableClient() }));
    return worker.invoke({
      functionName: fn.name,
      invocationId: options.invocationId ?? randomUUID(),
      inputData: [{ name: fn.triggerBindingName, data: triggerValue }, ...extraInputs],
      triggerMetadata: options.triggerMetadata ?? {},
      ...(options.retryContext === undefined ? {} : { retryContext: options.retryContext }),
    });
  };
}

/** `orchestrationClient` is the binding's name from Durable Functions 1. */
export function isDurableClient(bindingType: string): boolean {
  return ["durableclient", "orchestrationclient"].includes(bindingType.toLowerCase());
}
