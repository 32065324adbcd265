import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import { openRequest, rawRequest } from "./raw-request.ts";
import type { ServedApp } from "./serve-app.ts";
import { loadFixture, serveApp } from "./serve-app.ts";

let worker: WorkerPort;
let served: ServedApp;

beforeAll(async () => {
  worker = await loadFixture("http-buffered");
  served = await serveApp(worker);
});
afterAll(() => served.close());

describe("a buffered HTTP function", () => {
  it("sees method, URL, route value, query, headers and body, and its answer arrives whole", async () => {
    const url = `${served.url}/api/echo/7?a=1&a=2&b=x%20y`;
    const response = await fetch(url, {
      method: "POST",
      body: "héllo",
      headers: { "X-Test": "t" },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-app")).toBe("yes");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({
      method: "POST",
      url,
      id: "7",
      query: { a: "1,2", b: "x y" },
      header: "t",
      body: "héllo",
    });
  });

  it("gets bytes unchanged and returns them so", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
    const response = await fetch(`${served.url}/api/bytes`, { method: "POST", body: bytes });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  it("gets the body of a chunked request", async () => {
    const chunks = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    const answer = await rawRequest(
      served.port,
      `POST /api/bytes HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/hello world$/);
  });

  it("answers HEAD without a body", async () => {
    const answer = await rawRequest(
      served.port,
      "HEAD /api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 201 /);
    expect(answer).toMatch(/content-length: [1-9]/i);
    expect(answer.split("\r\n\r\n")[1]).toBe("");
  });

  it("sends each cookie in a header of its own, with all its attributes", async () => {
    const response = await fetch(`${served.url}/api/cookies`);
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; Path=/; Secure; HttpOnly; SameSite=Lax",
      "b=x; Domain=example.org; Max-Age=60; SameSite=None",
      "c=y; Expires=Fri, 02 Jan 1970 00:00:00 GMT",
    ]);
  });

  it.each([
    ["undefined", "nothing", 204],
    ["an error", "throws", 500],
    ["a status that HTTP does not know", "bad-header", 500],
    ["204", "no-content", 204],
  ])("that returns %s is answered %s %i with an empty body", async (_what, name, status) => {
    const response = await fetch(`${served.url}/api/${name}`);
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });

  it("logs the error that it answers 500 for", async () => {
    await fetch(`${served.url}/api/throws`);
    expect(served.logged.at(-1)).toMatchObject({
      level: "error",
      message: "GET /api/throws: handler broke",
    });
  });

  it("is 404 for another method or path", async () => {
    const statuses = await Promise.all([
      fetch(`${served.url}/api/echo`, { method: "PUT" }),
      fetch(`${served.url}/api/none`),
      fetch(`${served.url}/echo`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

describe("the body limit", () => {
  it.each(["announced", "chunked"])("answers 413 to a larger %s body", async (how) => {
    const body = "x".repeat(1_000_001);
    const isChunked = how === "chunked";
    const response = await fetch(`${served.url}/api/bytes`, {
      method: "POST",
      body: isChunked ? new Blob([body]).stream() : body,
      ...(isChunked ? { duplex: "half" } : {}),
    } as RequestInit);
    expect(response.status).toBe(413);
    expect((await fetch(`${served.url}/api/echo`)).status).toBe(201);
  });
});

describe("a client that goes away", () => {
  it("before its body was complete starts no invocation", async () => {
    const before = served.logged.length;
    const socket = await openRequest(
      served.port,
      "POST /api/bytes HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
    );
    socket.destroy();
    await sleep(50);
    expect(served.logged).toHaveLength(before);
  });

  it("while the function runs does no harm", async () => {
    await expect(
      fetch(`${served.url}/api/slow`, { signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow();
    await sleep(400);
    expect((await fetch(`${served.url}/api/slow`)).status).toBe(200);
  });
});

describe("the home page", () => {
  it("is at / when no function claims it", async () => {
    const response = await fetch(`${served.url}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("up and running");
  });

  it("can be switched off", async () => {
    const quiet = await serveApp(worker, { isHomepageOff: true });
    expect((await fetch(`${quiet.url}/`)).status).toBe(204);
    await quiet.close();
  });

  it("yields to a function whose route fits /", async () => {
    const invoked: string[] = [];
    const trigger = { type: "httpTrigger", direction: "in", route: "{*path}" };
    const page = { name: "page", bindings: { t: trigger }, triggerBindingName: "t", trigger };
    const own = await serveApp(
      {
        ...worker,
        functions: [page],
        capabilities: {},
        invoke: (invocation) => {
          invoked.push(invocation.functionName);
          const http = { statusCode: "200", body: { bytes: Buffer.from("mine") } };
          return Promise.resolve({ returnValue: { http }, outputData: [] });
        },
      },
      { routePrefix: "" },
    );
    expect(await (await fetch(`${own.url}/`)).text()).toBe("mine");
    expect(await (await fetch(`${own.url}/a/b.js`)).text()).toBe("mine");
    expect(invoked).toEqual(["page", "page"]);
    await own.close();
  });
});

describe("CORS and custom headers", () => {
  it("are sent to allowed origins only, also with errors, and answer preflights", async () => {
    const app = await serveApp(worker, {
      cors: { origins: ["http://page.example"], allowsCredentials: true },
      customHeaders: { "x-content-type-options": "nosniff" },
    });
    const preflight = await fetch(`${app.url}/api/echo`, {
      method: "OPTIONS",
      headers: {
        origin: "http://page.example",
        "access-control-request-method": "DELETE",
        "access-control-request-headers": "x-test",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toBe("DELETE");
    expect(preflight.headers.get("access-control-allow-headers")).toBe("x-test");
    const failed = await fetch(`${app.url}/api/throws`, {
      headers: { origin: "http://page.example" },
    });
    expect(failed.status).toBe(500);
    expect(failed.headers.get("access-control-allow-origin")).toBe("http://page.example");
    expect(failed.headers.get("x-content-type-options")).toBe("nosniff");
    const other = await fetch(`${app.url}/api/echo`, {
      headers: { origin: "http://evil.example" },
    });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    await app.close();
  });
});
