/**
 * The narrow waist between the host and a Functions app: everything the host knows about the app
 * goes through this interface, so the in-process implementation can be exchanged for another
 * (a child process, the real Node worker) without touching triggers or the durable engine.
 */

/** One value as the Functions worker protocol carries it; `{}` stands for null. */
export type TypedData =
  | { string: string }
  | { json: string }
  | { bytes: Uint8Array }
  | { int: number }
  | { double: number }
  | { http: RpcHttp }
  | Record<string, never>;

/** HTTP request (towards the app) or response (from the app) in buffered mode. */
export interface RpcHttp {
  method?: string;
  /** Absolute URL, host taken from the Host header. */
  url?: string;
  nullableHeaders?: Record<string, { value: string }>;
  nullableParams?: Record<string, { value: string }>;
  nullableQuery?: Record<string, { value: string }>;
  body?: TypedData;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: readonly RpcCookie[];
  enableContentNegotiation?: boolean;
}

export interface RpcCookie {
  name: string;
  value: string;
  domain?: { value: string };
  path?: { value: string };
  expires?: { value: { seconds: number } };
  secure?: { value: boolean };
  httpOnly?: { value: boolean };
  sameSite?: "none" | "lax" | "strict" | "explicitNone";
  maxAge?: { value: number };
}

/** A binding as the app registered it: `type`, `direction`, and the type's own options. */
export interface Binding {
  type: string;
  direction?: string;
  [option: string]: unknown;
}

export interface RegisteredFunction {
  /** Unique; compared case-insensitively by routes and webhooks. */
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly triggerBindingName: string;
  readonly trigger: Binding;
  readonly retryOptions?: RetryOptions;
}

export interface RetryOptions {
  maxRetryCount: number;
  retryStrategy: "fixedDelay" | "exponentialBackoff";
  delayInterval?: { seconds: number };
  minimumInterval?: { seconds: number };
  maximumInterval?: { seconds: number };
}

export interface Invocation {
  readonly functionName: string;
  readonly invocationId: string;
  /** Trigger value and extra inputs, by binding name. */
  readonly inputData: readonly { name: string; data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly retryContext?: { retryCount: number; maxRetryCount: number };
}

export interface InvocationResult {
  readonly returnValue: TypedData | null | undefined;
  readonly outputData: readonly { name: string; data: TypedData }[];
}

export interface WorkerPort {
  /** Filled by `start`. */
  readonly functions: readonly RegisteredFunction[];
  /** `HttpUri` is present when the app chose streaming HTTP. */
  readonly capabilities: { readonly HttpUri?: string };
  /** Loads the app in `appDirectory`. Rejects with a clear message when an entry file fails. */
  start(appDirectory: string): Promise<void>;
  /** Rejects with the error that the app's handler threw (message intact: durable relies on it). */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** Runs `appTerminate` hooks. */
  stop(): Promise<void>;
}
