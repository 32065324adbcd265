import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRequest, rawRequest } from "./raw-request.ts";
import type { ServedApp } from "./serve-app.ts";
import { loadFixture, serveApp } from "./serve-app.ts";

let served: ServedApp;

beforeAll(async () => {
  const worker = await loadFixture("http-streaming");
  expect(worker.capabilities.HttpUri).toMatch(/^http:\/\/localhost:\d+\/$/);
  served = await serveApp(worker);
});
afterAll(() => served.close());

describe("a streaming HTTP function", () => {
  it("sends its chunks as they come", async () => {
    const response = await fetch(`${served.url}/api/chunks`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const startedAt = Date.now();
    const arrivals: number[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      arrivals.push(Date.now() - startedAt);
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe("data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n");
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(150);
  });

  it.each([true, false])("receives a large body whole (chunked: %s)", async (isChunked) => {
    const bytes = Buffer.alloc(5_000_000, "0123456789");
    const response = await fetch(`${served.url}/api/hash`, {
      method: "POST",
      body: isChunked ? new Blob([bytes]).stream() : bytes,
      ...(isChunked ? { duplex: "half" } : {}),
    } as RequestInit);
    expect(await response.json()).toEqual({
      size: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  });

  it("sees the caller's URL, headers, query and route values; cookies stay apart", async () => {
    const url = `${served.url}/api/echo/a%20b?q=1`;
    const response = await fetch(url, { headers: { "x-test": "t" } });
    expect(response.status).toBe(202);
    expect(response.headers.get("x-app")).toBe("yes");
    expect(response.headers.get("x-ms-invocation-id")).toBeNull();
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.json()).toEqual({ id: "a b", url, header: "t", q: "1" });
  });

  it("answers HEAD without a body", async () => {
    const answer = await rawRequest(
      served.port,
      "HEAD /api/echo/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 202 /);
    expect(answer.split("\r\n\r\n")[1]).toBe("");
  });

  it.each([
    ["GET", "nothing", 204],
    ["POST", "nothing", 204],
    ["GET", "throws", 500],
    ["POST", "throws", 500],
  ])("%s %s is answered %i although the library never answers", async (method, name, status) => {
    const body = method === "POST" ? "x".repeat(300_000) : null;
    const response = await fetch(`${served.url}/api/${name}`, { method, body });
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });

  it("cuts the connection when the stream breaks, so that the client notices", async () => {
    const response = await fetch(`${served.url}/api/breaks`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it("can answer before it has read the body", async () => {
    const response = await fetch(`${served.url}/api/early`, {
      method: "POST",
      body: "x".repeat(2_000_000),
    });
    expect([response.status, await response.text()]).toEqual([403, "no"]);
  });

  it("runs to its end when the client goes away, at once or in the middle", async () => {
    const counts = globalThis as { abortedRuns?: number; abortedEnds?: number };
    for (const waitMs of [0, 0, 50, 100]) {
      const socket = await openRequest(served.port, "GET /api/aborted HTTP/1.1\r\nHost: h\r\n\r\n");
      await sleep(waitMs);
      socket.destroy();
    }
    const deadline = Date.now() + 5_000;
    while ((counts.abortedEnds ?? 0) < 4 && Date.now() < deadline) await sleep(20);
    // Each invocation got its request: none waits for ever.
    expect(counts).toMatchObject({ abortedRuns: 4, abortedEnds: 4 });
    expect((await fetch(`${served.url}/api/echo/1`)).status).toBe(202);
  });

  it("is answered 500 when the library's server cannot be reached", async () => {
    const worker = {
      functions: [
        {
          name: "gone",
          bindings: {},
          triggerBindingName: "t",
          trigger: { type: "httpTrigger" },
        },
      ],
      capabilities: { HttpUri: "http://127.0.0.1:9/" },
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      invoke: () => new Promise<never>(() => undefined),
    };
    const broken = await serveApp(worker);
    expect((await fetch(`${broken.url}/api/gone`)).status).toBe(500);
    expect(broken.logged.at(-1)?.message).toContain("broke off");
    await broken.close();
  });
});
