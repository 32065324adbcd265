import type { TypedData } from "../core/worker-port.ts";

/** One HTTP request to the durable API, already read into memory. */
export interface DurableHttpRequest {
  readonly method: string;
  /** Path below the mount point, such as `/instances/abc/raiseEvent/go`, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Origin that links in the answer shall use, such as `http://127.0.0.1:7071`. */
  readonly origin: string;
}

export interface DurableHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The durable engine as the rest of the host sees it. Mounted by the HTTP server twice: below
 * `/runtime/webhooks/durabletask` (public, keyed) and on the loopback-only RPC listener.
 */
export interface DurableHost {
  /** Resumes all work found in the store. */
  start(): Promise<void>;
  /** Stops taking new work, waits up to `graceMs` for running episodes and activities. */
  stop(graceMs: number): Promise<void>;
  handleHttp(request: DurableHttpRequest): Promise<DurableHttpResponse>;
  /** Value of a `durableClient` input binding. */
  clientBinding(origin: string, rpcBaseUrl: string): TypedData;
}
