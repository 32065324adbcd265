import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Binding, Invocation, RegisteredFunction } from "../../core/worker-port.ts";
import type { HostKeys } from "../../http/keys.ts";
import { eventually } from "../host-process.ts";
import { rawRequest } from "./raw-request.ts";
import type { ServedApp } from "./serve-app.ts";
import { serveApp } from "./serve-app.ts";

const keys: HostKeys = {
  master: "master-key",
  hostKey: "host-key",
  functionKeys: { open: "k-open", keyed: "k-keyed", guarded: "k-guarded" },
  systemKeys: { durabletask: "k-durable", eventgrid: "k-grid" },
};

function fn(name: string, trigger: Binding): RegisteredFunction {
  return { name, bindings: { value: trigger }, triggerBindingName: "value", trigger };
}

const FUNCTIONS = [
  fn("open", { type: "httpTrigger" }),
  fn("keyed", { type: "httpTrigger", authLevel: "function" }),
  fn("guarded", { type: "httpTrigger", authLevel: "admin" }),
  fn("Nightly", { type: "timerTrigger", schedule: "0 0 0 * * *" }),
  fn("OnEvent", { type: "eventGridTrigger" }),
  fn("OnEvents", { type: "eventGridTrigger", cardinality: "many" }),
  fn("flow", { type: "orchestrationTrigger" }),
];

let invocations: Invocation[];
let served: ServedApp;

const worker = {
  functions: FUNCTIONS,
  capabilities: {},
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  invoke: (invocation: Invocation) => {
    invocations.push(invocation);
    const [input] = invocation.inputData;
    if (JSON.stringify(input?.data).includes("poison")) return Promise.reject(new Error("poison"));
    return Promise.resolve({ returnValue: null, outputData: [] });
  },
};

beforeEach(async () => {
  invocations = [];
  served = await serveApp(worker);
});
afterEach(() => served.close());

const inputs = (): unknown[] => invocations.map(({ inputData }) => inputData[0]?.data);

describe("the admin endpoints", () => {
  it("list functions, and one of them", async () => {
    const all = (await (await fetch(`${served.url}/admin/functions`)).json()) as object[];
    expect(all).toHaveLength(FUNCTIONS.length);
    const one = await fetch(`${served.url}/ADMIN/functions/nightly`);
    expect(await one.json()).toEqual({
      name: "Nightly",
      href: `${served.url}/admin/functions/Nightly`,
      language: "node",
      isDisabled: false,
      config: {
        disabled: false,
        bindings: [{ name: "value", type: "timerTrigger", schedule: "0 0 0 * * *" }],
      },
    });
  });

  it("tell that the host runs", async () => {
    const status = await (await fetch(`${served.url}/admin/host/status`)).json();
    expect(status).toMatchObject({ state: "Running", version: "4.0.0" });
    expect((await fetch(`${served.url}/admin/host/ping`, { method: "POST" })).status).toBe(200);
  });

  it.each([
    ["Nightly", '{"input":"ignored"}', 202, { json: expect.stringContaining("IsPastDue") }],
    ["OnEvent", '{"input":"{\\"a\\":1}"}', 202, { string: '{"a":1}' }],
    ["OnEvent", '{"input":{"a":1}}', 202, { string: '{"a":1}' }],
    ["open", '{"input":"body"}', 202, { http: expect.objectContaining({ method: "POST" }) }],
    ["Nightly", "", 202, { json: expect.stringContaining('"ScheduleStatus":null') }],
    ["OnEvent", "not json", 400, undefined],
    ["flow", '{"input":"x"}', 400, undefined],
    ["unknown", "{}", 404, undefined],
  ])("start %s with %s: %i", async (name, body, status, expected) => {
    const response = await fetch(`${served.url}/admin/functions/${name}`, { method: "POST", body });
    expect(response.status).toBe(status);
    expect(inputs()).toEqual(expected === undefined ? [] : [expected]);
  });

  it("answer before the function ends, and log its failure", async () => {
    const response = await fetch(`${served.url}/admin/functions/OnEvent`, {
      method: "POST",
      body: '{"input":"poison"}',
    });
    expect(response.status).toBe(202);
    const entry = await eventually(() => served.logged.at(-1), "a log entry");
    expect(entry).toMatchObject({ level: "error", functionName: "OnEvent" });
  });

  it.each(["nothing", "host/nothing", "functions/open/more", ""])("know no /%s", async (path) => {
    expect((await fetch(`${served.url}/admin/${path}`)).status).toBe(404);
  });
});

describe("the Event Grid webhook", () => {
  const post = (query: string, eventType: string | undefined, body: unknown, path?: string) =>
    fetch(`${served.url}${path ?? "/runtime/webhooks/EventGrid"}?${query}`, {
      method: "POST",
      headers: eventType === undefined ? {} : { "aeg-event-type": eventType },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const event = (id: string, data: unknown = {}) => ({ id, eventType: "T", subject: "s", data });

  it.each([
    ["Event Grid array", [event("1", { validationCode: "abc" })]],
    ["CloudEvents object", { specversion: "1.0", data: { validationCode: "abc" } }],
    ["CloudEvents with data as text", { specversion: "1.0", data: '{"validationCode":"abc"}' }],
  ])("answers a validation: %s", async (_what, body) => {
    const response = await post("functionName=OnEvent", "SubscriptionValidation", body);
    expect([response.status, await response.json()]).toEqual([200, { validationResponse: "abc" }]);
    expect(invocations).toEqual([]);
  });

  it("runs one invocation per event, with the event's fields as metadata", async () => {
    const events = [event("1", { n: 1 }), event("2", { n: 2 })];
    const path = "/RUNTIME/webhooks/eventgrid";
    const response = await post("functionName=OnEvent", "Notification", events, path);
    expect(response.status).toBe(202);
    expect(inputs()).toEqual(events.map((value) => ({ string: JSON.stringify(value) })));
    expect(invocations[1]?.triggerMetadata).toMatchObject({
      data: { json: '{"n":2}' },
      id: { json: '"2"' },
      subject: { json: '"s"' },
    });
  });

  it("accepts a single object", async () => {
    expect((await post("functionName=OnEvent", "Notification", event("1"))).status).toBe(202);
    expect(invocations).toHaveLength(1);
  });

  it("hands all events to one invocation for cardinality many", async () => {
    const events = [event("1"), event("2")];
    expect((await post("functionName=OnEvents", "Notification", events)).status).toBe(202);
    expect(inputs()).toEqual([{ string: JSON.stringify(events) }]);
  });

  it("answers 500 if any event fails, after all have run", async () => {
    const events = [event("1", "poison"), event("2")];
    expect((await post("functionName=OnEvent", "Notification", events)).status).toBe(500);
    expect(invocations).toHaveLength(2);
    expect(served.logged.at(-1)).toMatchObject({ functionName: "OnEvent", level: "error" });
  });

  it.each([
    ["Unsubscribe", "functionName=OnEvent", "Unsubscribe", "{}", 202],
    ["unknown type", "functionName=OnEvent", "Other", "[]", 400],
    ["no type", "functionName=OnEvent", undefined, "[]", 400],
    ["no JSON", "functionName=OnEvent", "Notification", "x", 400],
    ["no events", "functionName=OnEvent", "Notification", "[]", 400],
    ["validation without code", "functionName=OnEvent", "SubscriptionValidation", "[{}]", 400],
    ["unknown function", "functionName=None", "Notification", "[]", 404],
    ["name in another casing", "functionName=onevent", "Notification", "[]", 404],
    ["function with another trigger", "functionName=Nightly", "Notification", "[]", 404],
    ["no function", "", "Notification", "[]", 404],
  ])("%s", async (_what, query, eventType, body, status) => {
    expect((await post(query, eventType, body)).status).toBe(status);
    expect(invocations).toEqual([]);
  });
});

describe("the durable endpoint", () => {
  it("passes path, query, body and origin on, and the answer back", async () => {
    const path = "/runtime/webhooks/DurableTask/instances/a%20b/raiseEvent/go?taskHub=h&x=1";
    const response = await fetch(`${served.url}${path}`, { method: "POST", body: '{"é":1}' });
    expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
      202,
      "5",
      '{"id":"é"}',
    ]);
    const [request] = served.durableRequests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/instances/a%20b/raiseEvent/go",
      body: '{"é":1}',
      origin: served.url,
    });
    expect(request?.query.get("x")).toBe("1");
  });

  it("is the only webhook besides Event Grid", async () => {
    expect((await fetch(`${served.url}/runtime/webhooks/other`)).status).toBe(404);
    expect((await fetch(`${served.url}/runtime/webhooks/eventgrid`)).status).toBe(404);
  });
});

describe("without keys", () => {
  it("web pages of other origins cannot use the host's own endpoints", async () => {
    const headers = { origin: "http://evil.example" };
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${served.url}${path}`, { headers, ...init })).status;
    expect(await status("/admin/functions/OnEvent", { method: "POST" })).toBe(403);
    expect(await status("/runtime/webhooks/durabletask/instances")).toBe(403);
    expect(await status("/api/open")).toBe(204);
    expect(await status("/admin/host/status", { headers: { origin: served.url } })).toBe(200);
  });
});

describe("a name that only leads to this machine", () => {
  it("opens the app's functions, but not the host's own endpoints", async () => {
    const get = (path: string) =>
      rawRequest(
        served.port,
        `GET ${path} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n`,
      );
    expect(await get("/admin/host/status")).toMatch(/^HTTP\/1.1 403 /);
    expect(await get("/api/open")).toMatch(/^HTTP\/1.1 204 /);
  });
});

describe("with keys", () => {
  const cases: [path: string, accepted: string[]][] = [
    ["/api/open", ["", "wrong", "k-open"]],
    ["/api/keyed", ["k-keyed", "host-key", "master-key"]],
    ["/api/guarded", ["master-key"]],
    ["/admin/functions", ["master-key"]],
    ["/admin/host/ping", ["", "wrong"]],
    ["/runtime/webhooks/durabletask/instances", ["k-durable", "master-key"]],
    ["/runtime/webhooks/eventgrid?functionName=OnEvent", ["k-grid", "master-key"]],
  ];
  const presented = " wrong host-key master-key k-open k-keyed k-guarded k-durable k-grid".split(
    " ",
  );

  it.each(cases)("%s passes exactly %j", async (path, accepted) => {
    const own = await serveApp(worker, { keys });
    const isAlwaysOpen = accepted.includes("wrong");
    for (const key of presented) {
      const expected = isAlwaysOpen || accepted.includes(key);
      const separator = path.includes("?") ? "&" : "?";
      const query = key === "" ? "" : `${separator}code=${key}`;
      const byQuery = await fetch(`${own.url}${path}${query}`);
      const headers: Record<string, string> = key === "" ? {} : { "x-functions-key": key };
      const byHeader = await fetch(`${own.url}${path}`, { headers });
      expect([key, byQuery.status !== 401]).toEqual([key, expected]);
      expect([key, byHeader.status !== 401]).toEqual([key, expected]);
    }
    await own.close();
  });
});
