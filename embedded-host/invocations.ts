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

/** Runs a function for a trigger. */
export type InvokeFunction = (
  fn: RegisteredFunction,
  triggerValue: TypedData,
  options?: InvokeOptions,
) => Promise<InvocationResult>;

export function createInvokeFunction(worker: WorkerPort): InvokeFunction {
  return (fn, triggerValue, { triggerMetadata = {}, invocationId, retryContext } = {}) =>
    worker.invoke({
      functionName: fn.name,
      invocationId: invocationId ?? randomUUID(),
      inputData: [{ name: fn.triggerBindingName, data: triggerValue }],
      triggerMetadata,
      ...(retryContext === undefined ? {} : { retryContext }),
    });
}
