import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createInProcessWorker } from "../../core/in-process-worker.ts";
import type { LogEntry } from "../../core/log.ts";
import { typedDataToJson } from "../../core/typed-data.ts";
import type { Invocation, TypedData } from "../../core/worker-port.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const logged: LogEntry[] = [];
const worker = createInProcessWorker({ log: (entry) => logged.push(entry), hostVersion: "4.1.0" });
beforeAll(() => worker.start(join(fixtures, "core-app")));

function invoke(functionName: string, data: TypedData, more: Partial<Invocation> = {}) {
  const found = worker.functions.find((f) => f.name === functionName);
  return worker.invoke({
    functionName,
    invocationId: "i-1",
    inputData: [{ name: found?.triggerBindingName ?? "none", data }],
    triggerMetadata: {},
    ...more,
  });
}

const returned = async (name: string, data: TypedData, more: Partial<Invocation> = {}) =>
  JSON.parse(typedDataToJson((await invoke(name, data, more)).returnValue) ?? "null");

describe("an in-process worker", () => {
  it("loads every file that the main glob matches and lists what they registered", () => {
    expect(worker.functions.map((f) => f.name)).toContain("second");
    const http = worker.functions.find((f) => f.name === "greet");
    expect(http?.trigger).toMatchObject({ type: "httpTrigger", methods: ["GET", "POST"] });
    expect(worker.capabilities).toEqual({});
  });

  it("runs the app in its own directory", async () => {
    expect(await returned("second", {})).toBe(join(fixtures, "core-app"));
  });

  it.each<[string, TypedData, unknown]>([
    ["an object", { json: '{"a":[1]}' }, { a: [1] }],
    ["JSON in a string", { string: '{"a":1}' }, { a: 1 }],
    ["text that is not JSON", { string: "plain" }, "plain"],
    ["an integer", { int: 7 }, 7],
    ["a fraction", { double: 0.5 }, 0.5],
    ["nothing", {}, null],
  ])("carries %s into a handler and back", async (_what, data, expected) => {
    expect(await returned("echo", data)).toEqual(expected);
  });

  it("carries bytes into a handler and back", async () => {
    const { returnValue } = await invoke("echo", { bytes: new Uint8Array([1, 2, 255]) });
    expect(returnValue).toEqual({ bytes: Buffer.from([1, 2, 255]) });
  });

  it("lets hooks replace inputs and handler", async () => {
    expect(await returned("hooked", { int: 1 })).toEqual({ wrapped: { replaced: 1 } });
  });

  it("rejects with the handler's own error unless a hook clears it", async () => {
    await expect(invoke("fails", {})).rejects.toThrow(/^exact message$/);
    expect(await returned("rescued", {})).toBe("rescued from trouble");
  });

  it("treats a thrown undefined as a failure", async () => {
    await expect(invoke("throwsNothing", {})).rejects.toThrow("The handler threw undefined.");
  });

  it("tags a handler's log lines with function and invocation", async () => {
    await invoke("logs", {});
    expect(logged).toContainEqual({
      level: "warning",
      category: "user",
      message: "careful 7",
      functionName: "logs",
      invocationId: "i-1",
    });
  });

  it("passes extra inputs, trigger metadata and the retry context", async () => {
    const extra = worker.functions.find((f) => f.name === "extra");
    const name = Object.keys(extra?.bindings ?? {}).find((key) => key.startsWith("extraInput"));
    const inputData = [
      { name: extra?.triggerBindingName ?? "missing", data: {} },
      { name: name ?? "missing", data: { string: "more" } },
    ];
    expect(await returned("extra", {}, { inputData })).toBe("more");
    const triggerMetadata = { DequeueCount: { string: "2" } };
    expect(await returned("metadata", {}, { triggerMetadata })).toEqual({ dequeueCount: 2 });
    const retryContext = { retryCount: 1, maxRetryCount: 3 };
    expect(await returned("retrying", {}, { retryContext })).toEqual(retryContext);
    expect(worker.functions.find((f) => f.name === "retrying")?.retryOptions).toMatchObject({
      retryStrategy: "fixedDelay",
      maxRetryCount: 3,
    });
  });

  it("answers an HTTP request in buffered mode", async () => {
    const http: TypedData = {
      http: {
        method: "GET",
        url: "http://localhost/api/greet?who=me",
        nullableHeaders: {},
        nullableParams: {},
        nullableQuery: { who: { value: "me" } },
      },
    };
    const { returnValue } = await invoke("greet", http);
    expect(returnValue).toMatchObject({ http: { statusCode: "201" } });
    const body = (returnValue as { http: { body: { bytes: Uint8Array } } }).http.body.bytes;
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({ hello: "me" });
  });

  it("names a function that does not exist", async () => {
    await expect(invoke("nobody", {})).rejects.toThrow('no function named "nobody"');
  });

  it("runs start and terminate hooks", async () => {
    expect(await returned("lifecycle", {})).toEqual(["started"]);
    await worker.stop();
    expect(await returned("lifecycle", {})).toEqual(["started", "terminated"]);
  });

  it("loads an ESM app and reports its streaming address", () => {
    const script = join(fixtures, "core-esm-app/run-worker.mjs");
    const output = execFileSync(process.execPath, [script], { encoding: "utf8" });
    const { names, capabilities } = JSON.parse(output);
    expect(names).toEqual(["stream:httpTrigger"]);
    expect(capabilities.HttpUri).toMatch(/^http:\/\//);
  });
});
