import { resolve } from "node:path";
import { createInProcessWorker } from "../../core/in-process-worker.ts";
import type { LogEntry } from "../../core/log.ts";
import type { WorkerPort } from "../../core/worker-port.ts";
import type { DurableHost, DurableHttpRequest } from "../../durable/durable-host.ts";
import type { HostKeys } from "../../http/keys.ts";
import { listen } from "../../http/listener.ts";
import { createRouter } from "../../http/router.ts";
import type { ServeContext } from "../../http/serve.ts";
import { serve } from "../../http/serve.ts";
import { createInvokeFunction } from "../../invocations.ts";

export interface ServedApp {
  readonly url: string;
  readonly port: number;
  readonly logged: LogEntry[];
  readonly durableRequests: DurableHttpRequest[];
  close(): Promise<void>;
}

/** The app in that fixture folder, loaded into this process. */
export async function loadFixture(name: string): Promise<WorkerPort> {
  const worker = createInProcessWorker({
    log: () => undefined,
    hostVersion: "4.0.0",
    changeDirectory: false,
  });
  await worker.start(resolve(import.meta.dirname, "../fixtures", name));
  return worker;
}

/** The HTTP side of the host before a worker, with a durable engine that only writes down. */
export async function serveApp(
  worker: WorkerPort,
  overrides: Partial<ServeContext> & { routePrefix?: string; keys?: HostKeys } = {},
): Promise<ServedApp> {
  const { routePrefix = "api", ...rest } = overrides;
  const logged: LogEntry[] = [];
  const durableRequests: DurableHttpRequest[] = [];
  const log = (entry: LogEntry): void => void logged.push(entry);
  const durable: DurableHost = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    handleHttp(request) {
      durableRequests.push(request);
      const headers = { "content-type": "application/json", "retry-after": "5" };
      return Promise.resolve({ status: 202, headers, body: '{"id":"é"}' });
    },
    clientBinding: () => ({}),
  };
  const invoke = createInvokeFunction(worker);
  const context: ServeContext = {
    router: createRouter(worker.functions, routePrefix, (text) => text),
    functions: worker.functions,
    invoke,
    durable,
    admin: {
      functions: worker.functions,
      disabledFunctions: [],
      invoke,
      log,
      hostId: "test",
      version: "4.0.0",
      startedAt: Date.now(),
      isStopping: () => false,
    },
    keys: undefined,
    cors: { origins: [], allowsCredentials: false },
    customHeaders: {},
    httpUri: worker.capabilities.HttpUri,
    scheme: "http",
    bodyLimitBytes: 1_000_000,
    isHomepageOff: false,
    log,
    ...rest,
  };
  const listener = await listen({ address: "127.0.0.1", port: 0 });
  listener.setHandler((request, response) => serve(request, response, context));
  return {
    url: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    logged,
    durableRequests,
    close: () => listener.close(1_000),
  };
}
