import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Readable } from "node:stream";
import { jobResourceId, type VaultRef } from "../../../src/domain/resource-id.ts";
import type { WorkflowClient } from "../../../src/ports/workflow-client.ts";
import { createTestApi, type TestApi } from "../../triggers/http/test-api.ts";

const fixture = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, "fixtures", name), "utf8");

/** Certificate of localhost for tests, valid for a hundred years; its key is no secret. */
export const certificate = fixture("localhost-cert.pem");

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

/** The API over HTTPS on a free port; every operation ends by itself after two polls. */
export async function withHttpsApi(
  run: (place: { endpoint: string; api: TestApi; seen: Seen[] }) => Promise<void>,
): Promise<void> {
  const api = createTestApi({ retryAfterSeconds: 0 });
  const seen: Seen[] = [];
  const workflows = endingWorkflows(api);
  const server = createServer(
    { cert: certificate, key: fixture("localhost-key.pem") },
    (request, response) => {
      void answer(api, workflows, request).then((answered) => {
        seen.push({
          method: request.method ?? "",
          url: request.url ?? "",
          status: answered.status,
        });
        response.writeHead(answered.status, { ...answered.headers }).end(answered.body);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await run({ endpoint: `https://localhost:${port}`, api, seen });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function answer(api: TestApi, workflows: WorkflowClient, request: IncomingMessage) {
  const { method = "GET", url = "/", headers } = request;
  const body = method === "GET" ? null : (Readable.toWeb(request) as ReadableStream<Uint8Array>);
  const get = (name: string): string | null => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(",") : (value ?? null);
  };
  const absolute = `https://${headers.host ?? ""}${url}`;
  return api.api({ method, url: absolute, headers: { get }, body }, workflows);
}

/** Runs nothing: ends the operation a moment later, as the real workflow would in the end. */
function endingWorkflows(api: TestApi): WorkflowClient {
  return {
    ...api.workflows,
    async start(name, id, input) {
      const started = await api.workflows.start(name, id, input);
      const operationId = input["operationId"];
      const jobId = input["jobId"];
      if (typeof operationId !== "string") return started;
      setTimeout(() => {
        void api.catalog.operations.end(operationId, {
          status: "Succeeded",
          endedAt: new Date(api.clock.now()).toISOString(),
          ...(typeof jobId === "string" && typeof input["vault"] === "object"
            ? { jobId: jobResourceId(vaultIn(input["vault"]), jobId) }
            : {}),
        });
      }, 30);
      return started;
    },
  };
}

/** What startWorkflow put there. */
const vaultIn = (value: unknown): VaultRef => value as VaultRef;
