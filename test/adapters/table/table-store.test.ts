import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createTableStore } from "../../../src/adapters/table/table-store.ts";
import type { TableStore } from "../../../src/ports/table-store.ts";

/** A stand-in for Azure that misbehaves on purpose; the real SDK talks to it. */
async function withService<T>(answer: RequestListener, use: (store: TableStore) => Promise<T>) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account`;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;TableEndpoint=${url}`;
  const retry = { attempts: 4, firstDelayMs: 1, maxDelayMs: 5, attemptLimitMs: 300 };
  try {
    return await use(createTableStore({ account: { connectionString }, retry }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json = { "content-type": "application/json;odata=minimalmetadata" };
const refuse = (response: ServerResponse, status: number, code: string) =>
  response
    .writeHead(status, json)
    .end(JSON.stringify({ "odata.error": { code, message: { value: code } } }));
const row = { partition: "p", row: "r", value: { n: 1 } };

/** Calls `answer` with the whole body of each request. */
const withBody =
  (answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  };

describe("TableStore against a failing service", () => {
  it.each([500, 503, 429])("rides out passing answers of status %i", async (status) => {
    let requests = 0;
    const service: RequestListener = (_request, response) => {
      requests += 1;
      if (requests < 4) refuse(response, status, "ServerBusy");
      else response.writeHead(204, { etag: 'W/"1"' }).end();
    };
    await withService(service, async (store) => {
      expect(await store.upsert("jobs", row)).toBe('W/"1"');
    });
    expect(requests).toBe(4);
  });

  it.each([
    ["answers 503", (_request, response) => refuse(response, 503, "ServerBusy")],
    ["cuts every connection", (request) => request.socket.destroy()],
    ["never answers", () => {}],
    ["refuses the key", (_request, response) => refuse(response, 403, "AuthenticationFailed")],
  ] satisfies [string, RequestListener][])(
    "ends as StorageUnavailable when the service %s",
    async (_what, service) => {
      await withService(service, async (store) => {
        for (const ask of [
          () => store.get("jobs", "p", "r"),
          () => store.query("jobs", { partition: "p", limit: 5 }),
          () => store.transact("jobs", "p", [{ kind: "insert", row: "r", value: {} }]),
        ]) {
          await expect(ask()).rejects.toMatchObject({ fault: { code: "StorageUnavailable" } });
        }
      });
    },
  );

  it("knows its own insert again after the reply was lost", async () => {
    let stored: string | undefined;
    const service = withBody((request, response, body) => {
      if (request.method === "GET") {
        response
          .writeHead(200, json)
          .end(JSON.stringify({ ...JSON.parse(stored ?? "{}"), "odata.etag": 'W/"7"' }));
      } else if (stored === undefined) {
        stored = body;
        request.socket.destroy();
      } else {
        refuse(response, 409, "EntityAlreadyExists");
      }
    });
    await withService(service, async (store) => {
      expect(await store.insert("jobs", row)).toBe('W/"7"');
      expect(await store.insert("jobs", row)).toBeUndefined();
    });
  });

  it("refuses a value above Azure's limit before anything is sent", async () => {
    let requests = 0;
    const service: RequestListener = (_request, response) => {
      requests += 1;
      response.writeHead(204, { etag: 'W/"1"' }).end();
    };
    await withService(service, async (store) => {
      const value = { text: "x".repeat(512_000) };
      await expect(store.upsert("jobs", { ...row, value })).rejects.toMatchObject({
        fault: { code: "RequestEntityTooLarge", target: "p/r" },
      });
    });
    expect(requests).toBe(0);
  });

  it("asks on when the service answers short and empty pages", async () => {
    let requests = 0;
    const service: RequestListener = (_request, response) => {
      requests += 1;
      const rows =
        requests % 2 === 0
          ? [{ PartitionKey: "p", RowKey: `r${requests}`, v0: "{}", "odata.etag": "e" }]
          : [];
      const more = {
        "x-ms-continuation-NextPartitionKey": "p",
        "x-ms-continuation-NextRowKey": "x",
      };
      response.writeHead(200, { ...json, ...(requests < 6 ? more : {}) });
      response.end(JSON.stringify({ value: rows }));
    };
    await withService(service, async (store) => {
      const page = await store.query("jobs", { partition: "p", limit: 10 });
      expect(page.rows.map((found) => found.row)).toEqual(["r2", "r4", "r6"]);
      expect(page.continuation).toBeUndefined();
    });
  });
});
