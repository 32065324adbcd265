import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInProcessWorker } from "../../core/in-process-worker.ts";
import type { LogEntry } from "../../core/log.ts";
import type { WorkerPort } from "../../core/worker-port.ts";
import { createDurableHost, type DurableHostOptions } from "../../durable/create-durable-host.ts";
import type { DurableHost, DurableHttpResponse } from "../../durable/durable-host.ts";

export const logged: LogEntry[] = [];

/** The fixture app, loaded once per test file: the library registers once per process. */
export async function startFixtureWorker(): Promise<WorkerPort> {
  const worker = createInProcessWorker({
    log: (entry) => logged.push(entry),
    hostVersion: "4.0.0",
    changeDirectory: false,
  });
  await worker.start(join(import.meta.dirname, "../fixtures/durable-app"));
  return worker;
}

export interface Status {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  output: unknown;
  customStatus: unknown;
  createdTime: string;
  historyEvents?: Record<string, unknown>[];
}

/** A durable host on a throwaway state file, with the HTTP API as plain calls. */
export class DurableUnderTest {
  readonly directory = mkdtempSync(join(tmpdir(), "durable-"));
  readonly stateFile = join(this.directory, "state.db");
  readonly #worker: WorkerPort;
  readonly #options: Partial<DurableHostOptions>;
  host: DurableHost;

  constructor(worker: WorkerPort, options: Partial<DurableHostOptions> = {}) {
    this.#worker = worker;
    this.#options = options;
    this.host = this.#create();
  }

  #create(): DurableHost {
    return createDurableHost({
      worker: this.#worker,
      stateFile: this.stateFile,
      hubName: "TestHub",
      systemKey: "key",
      log: (entry) => logged.push(entry),
      onFatal: (error) => {
        throw error;
      },
      ...this.#options,
    });
  }

  async reopen(worker = this.#worker): Promise<void> {
    await this.host.stop(1_000);
    this.host = createDurableHost({
      worker,
      stateFile: this.stateFile,
      hubName: "TestHub",
      systemKey: "key",
      log: (entry) => logged.push(entry),
      ...this.#options,
    });
    await this.host.start();
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<DurableHttpResponse> {
    const url = new URL(path, "http://host.test/");
    return this.host.handleHttp({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? "" : JSON.stringify(body),
      origin: "http://127.0.0.1:7071",
    });
  }

  async start(name: string, input?: unknown, id?: string): Promise<string> {
    const path = `orchestrators/${name}${id === undefined ? "" : `/${id}`}`;
    const response = await this.request("POST", path, input);
    if (response.status !== 202) throw new Error(`start: ${response.status} ${response.body}`);
    return JSON.parse(response.body).id;
  }

  async status(id: string, query = ""): Promise<Status> {
    const response = await this.request("GET", `instances/${id}${query}`);
    return JSON.parse(response.body);
  }

  raise(id: string, event: string, data: unknown = null): Promise<DurableHttpResponse> {
    return this.request("POST", `instances/${id}/raiseEvent/${event}`, data);
  }

  /** Polls until `accept`; the poll is short because the engine works in milliseconds. */
  async until(id: string, accept: (status: Status) => boolean, timeoutMs = 10_000) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const status = await this.status(id);
      if (accept(status)) return status;
      if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  ended(id: string, timeoutMs?: number): Promise<Status> {
    const ends = ["Completed", "Failed", "Terminated"];
    return this.until(id, ({ runtimeStatus }) => ends.includes(runtimeStatus), timeoutMs);
  }

  async run(name: string, input?: unknown): Promise<Status> {
    return this.ended(await this.start(name, input));
  }

  async dispose(): Promise<void> {
    await this.host.stop(1_000);
    rmSync(this.directory, { recursive: true });
  }
}

export async function withDurable(
  worker: WorkerPort,
  use: (durable: DurableUnderTest) => Promise<void>,
  options: Partial<DurableHostOptions> = {},
): Promise<void> {
  const durable = new DurableUnderTest(worker, options);
  await durable.host.start();
  try {
    await use(durable);
  } finally {
    await durable.dispose();
  }
}

/** Serves the durable API on loopback, as the host's RPC listener does. */
export async function withRpcListener(
  durable: DurableUnderTest,
  use: (baseUrl: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      void durable.host
        .handleHttp({
          method: request.method ?? "GET",
          path: url.pathname.replace("/durabletask", ""),
          query: url.searchParams,
          headers: Object.fromEntries(
            Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks).toString(),
          origin: "http://127.0.0.1:7071",
        })
        .then((answer) => response.writeHead(answer.status, answer.headers).end(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await use(`http://127.0.0.1:${port}/durabletask/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
