import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createBlobStore } from "../../../src/adapters/blob/blob-store.ts";
import type { BlobStore } from "../../../src/ports/blob-store.ts";

/** A stand-in for Azure that misbehaves on purpose; the real SDK talks to it. */
async function withService<T>(answer: RequestListener, use: (store: BlobStore) => Promise<T>) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account`;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;BlobEndpoint=${url}`;
  const retry = { attempts: 4, firstDelayMs: 1, maxDelayMs: 5, attemptLimitMs: 500 };
  try {
    return await use(createBlobStore({ account: { connectionString }, container: "vault", retry }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

/** Serves `body` and cuts the connection after a fixed number of bytes of each answer. */
const cutting =
  (bytesEach: number, etags: () => string = () => '"1"'): RequestListener =>
  (request, response) => {
    const range = /bytes=(\d+)-(\d*)/.exec(String(request.headers["x-ms-range"] ?? ""));
    const from = Number(range?.[1] ?? 0);
    const to = range?.[2] ? Number(range[2]) : body.length - 1;
    if (request.headers["if-match"] !== undefined && request.headers["if-match"] !== etags()) {
      response.writeHead(412, { "x-ms-error-code": "ConditionNotMet" }).end();
      return;
    }
    response.writeHead(range === null ? 200 : 206, {
      "content-length": to - from + 1,
      ...(range === null ? {} : { "content-range": `bytes ${from}-${to}/${body.length}` }),
      etag: etags(),
    });
    response.write(body.subarray(from, Math.min(to + 1, from + bytesEach)), () => {
      if (from + bytesEach > to) response.end();
      else response.socket?.destroySoon();
    });
  };

describe("reading", () => {
  it("goes on where a cut connection left off, as often as bytes keep coming", async () => {
    await withService(cutting(9_000), async (store) => {
      expect((await collect(store.read("pack"))).equals(body)).toBe(true);
      const part = await collect(store.read("pack", { offset: 5, length: 50_000 }));
      expect(part.equals(body.subarray(5, 50_005))).toBe(true);
    });
  });

  it("gives up when connections are cut without a byte", async () => {
    await withService(cutting(0), async (store) => {
      await expect(collect(store.read("pack"))).rejects.toMatchObject({
        fault: { code: "StorageUnavailable" },
      });
    });
  });

  it("never joins bytes of two different blobs", async () => {
    let answers = 0;
    const service = cutting(9_000, () => (answers++ < 1 ? '"1"' : '"2"'));
    await withService(service, async (store) => {
      await expect(collect(store.read("pack"))).rejects.toMatchObject({
        fault: { code: "RecoveryPointCorrupt" },
      });
    });
  });
});

describe("retrying", () => {
  it.each([500, 503, 429, 408])("rides out passing answers of status %i", async (status) => {
    let requests = 0;
    const service: RequestListener = (_request, response) => {
      requests += 1;
      response.writeHead(requests < 4 ? status : 201, { etag: '"1"' }).end();
    };
    await withService(service, async (store) => {
      await store.stageBlock("pack", "1", new Uint8Array(10));
    });
    expect(requests).toBe(4);
  });

  it.each([
    ["answers 503", (_request, response) => response.writeHead(503).end()],
    ["cuts every connection", (request) => request.socket.destroy()],
    ["never answers", () => {}],
    ["refuses the key", (_request, response) => response.writeHead(403).end()],
  ] satisfies [string, RequestListener][])(
    "ends as StorageUnavailable when the service %s",
    async (_what, service) => {
      await withService(service, async (store) => {
        await expect(store.put("a", new Uint8Array(1))).rejects.toMatchObject({
          fault: { code: "StorageUnavailable", retryable: true },
        });
      });
    },
  );

  it("stops at once when the caller aborts, not after its attempts", async () => {
    const abort = new AbortController();
    const service: RequestListener = () => abort.abort(new Error("lease lost"));
    await withService(service, async (store) => {
      const staging = store.stageBlock("pack", "1", new Uint8Array(10), abort.signal);
      await expect(staging).rejects.toThrow("lease lost");
    });
  });

  it("knows its own conditional write again after the reply was lost", async () => {
    let stored: Buffer | undefined;
    const answer = (request: IncomingMessage, response: ServerResponse, sent: Buffer) => {
      if (request.method === "GET") {
        response.writeHead(200, { "content-length": stored?.length ?? 0, etag: '"1"' }).end(stored);
      } else if (stored === undefined) {
        stored = sent;
        request.socket.destroy();
      } else {
        response.writeHead(409, { "x-ms-error-code": "BlobAlreadyExists" }).end();
      }
    };
    const service: RequestListener = (request, response) => {
      const sent: Buffer[] = [];
      request.on("data", (chunk: Buffer) => sent.push(chunk));
      request.on("end", () => answer(request, response, Buffer.concat(sent)));
    };
    await withService(service, async (store) => {
      const mine = Buffer.from("mine");
      expect(await store.put("manifest.json", mine, { onlyIfAbsent: true })).toBe("written");
      const other = Buffer.from("other");
      expect(await store.put("manifest.json", other, { onlyIfAbsent: true })).toBe("exists");
    });
  });
});

describe("deleting on Azure, which answers 404 for a blob of uncommitted blocks only", () => {
  it("commits nothing over the blocks, then deletes that", async () => {
    const seen: string[] = [];
    let committed = false;
    const service: RequestListener = (request, response) => {
      const comp = new URL(request.url ?? "", "http://x").searchParams.get("comp") ?? "";
      seen.push(`${request.method} ${comp}`.trim());
      request.resume();
      if (request.method === "PUT") {
        committed = true;
        response.writeHead(201, { etag: '"1"' }).end();
      } else if (request.method === "GET") {
        const blocks =
          "<UncommittedBlocks><Block><Name>MQ==</Name><Size>5</Size></Block></UncommittedBlocks>";
        response.writeHead(200, { "content-type": "application/xml" });
        response.end(`<?xml version="1.0"?><BlockList>${blocks}</BlockList>`);
      } else if (committed) {
        response.writeHead(202).end();
      } else {
        response.writeHead(404, { "x-ms-error-code": "BlobNotFound" }).end();
      }
    };
    await withService(service, async (store) => {
      expect(await store.delete("packs/lost")).toBe(true);
    });
    expect(seen).toEqual(["DELETE", "GET blocklist", "PUT blocklist", "DELETE"]);
  });
});
