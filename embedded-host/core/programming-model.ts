import type { LogCategory, LogLevel } from "./log.ts";
import type { Binding, InvocationResult, RetryOptions, TypedData } from "./worker-port.ts";

/**
 * What `@azure/functions` implements and hands over with `setProgrammingModel`: the app's side of
 * every invocation. Values that only travel through the host stay `unknown`.
 */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  /** Locks `app.setup()` and, in streaming mode, starts the library's HTTP server. */
  getCapabilities(defaults: Record<string, string>): unknown;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<Partial<InvocationResult>>;
}

/** Metadata as given to `registerFunction`; handed back unchanged with every invocation. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

export type InvocationState = "preInvocationHooks" | "invocation" | "postInvocationHooks";

/** The mutable object that lives as long as one invocation. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly { name: string; data: TypedData }[];
    readonly triggerMetadata: Readonly<Record<string, TypedData>>;
    readonly traceContext: Record<string, never>;
    readonly retryContext?: { retryCount: number; maxRetryCount: number };
  };
  state: InvocationState | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
}
