import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import {
  type DurableUnderTest,
  startFixtureWorker,
  withDurable,
  withRpcListener,
} from "./durable-harness.ts";

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
  process.env["WEBSITE_HOSTNAME"] = "127.0.0.1:7071";
  process.env["NO_PROXY"] = "127.0.0.1,localhost";
});

/** Calls a method of the SDK's own client, inside the app, against the loopback listener. */
async function clientCall(
  durable: DurableUnderTest,
  rpc: string,
  call: string,
  ...args: unknown[]
) {
  const fn = worker.functions.find((f) => f.name === "clientCalls");
  const client = Object.entries(fn?.bindings ?? {}).find(([, b]) => b.type === "durableClient");
  const body = { bytes: Buffer.from(JSON.stringify({ call, args })) };
  const { returnValue } = await worker.invoke({
    functionName: "clientCalls",
    invocationId: "c",
    inputData: [
      {
        name: fn?.triggerBindingName ?? "",
        data: {
          http: {
            method: "POST",
            url: "http://127.0.0.1:7071/api/c",
            nullableHeaders: {},
            nullableParams: {},
            nullableQuery: {},
            body,
          },
        },
      },
      { name: client?.[0] ?? "", data: durable.host.clientBinding("http://127.0.0.1:7071", rpc) },
    ],
    triggerMetadata: {},
  });
  const { http } = returnValue as { http: { body: { bytes: Uint8Array } } };
  return JSON.parse(Buffer.from(http.body.bytes).toString()).result;
}

describe("the SDK's own client", () => {
  it("starts, watches, signals, suspends, ends and purges instances", () =>
    withDurable(worker, (durable) =>
      withRpcListener(durable, async (rpc) => {
        const call = (name: string, ...args: unknown[]) => clientCall(durable, rpc, name, ...args);
        expect(await call("startNew", "collect", { instanceId: "c:1", input: 2 })).toBe("c:1");
        await call("raiseEvent", "c:1", "item", { a: 1 });
        await call("suspend", "c:1", "why");
        await durable.until("c:1", (s) => s.runtimeStatus === "Suspended");
        expect(await call("getStatus", "c:1")).toMatchObject({
          name: "collect",
          runtimeStatus: "Suspended",
        });
        await call("resume", "c:1", "why not");
        await call("raiseEvent", "c:1", "item", "b");
        await durable.ended("c:1");
        expect(await call("getStatus", "c:1", { showInput: true })).toMatchObject({
          output: [{ a: 1 }, "b"],
          input: 2,
        });
        await call("raiseEvent", "c:1", "item", "too late is swallowed");
        await expect(call("getStatus", "nobody")).rejects.toThrow("404");
        await expect(call("startNew", "nobody")).rejects.toThrow("doesn't exist");
        await expect(call("rewind", "c:1", "x")).rejects.toThrow("cannot rewind");
        expect(await call("getStatusAll")).toHaveLength(1);
        expect(await call("getStatusBy", { runtimeStatus: ["Failed"] })).toHaveLength(0);
        expect(await call("purgeInstanceHistory", "c:1")).toEqual({ instancesDeleted: 1 });
        expect(await call("purgeInstanceHistory", "c:1")).toEqual({ instancesDeleted: 0 });
      }),
    ));

  it("follows pages to the end", () =>
    withDurable(worker, (durable) =>
      withRpcListener(durable, async (rpc) => {
        await Promise.all(
          Array.from({ length: 230 }, (_, n) => durable.start("fanOut", [n], `p${n}`)),
        );
        const all = await clientCall(durable, rpc, "getStatusAll");
        expect(new Set(all.map((s: { instanceId: string }) => s.instanceId)).size).toBe(230);
      }),
    ));

  it("reads and signals entities", () =>
    withDurable(worker, (durable) =>
      withRpcListener(durable, async (rpc) => {
        const id = { name: "counter", key: "x" };
        await clientCall(durable, rpc, "signalEntity", id, "add", 7);
        await expect
          .poll(async () => (await clientCall(durable, rpc, "readEntityState", id)).entityState)
          .toBe(7);
        expect(
          await clientCall(durable, rpc, "readEntityState", { name: "counter", key: "none" }),
        ).toMatchObject({ entityExists: false });
      }),
    ));
});

describe("the management API", () => {
  it("answers a start with every link, encoded", () =>
    withDurable(worker, async (durable) => {
      const response = await durable.request("POST", "orchestrators/collect/my%20id", 1);
      const links = JSON.parse(response.body);
      expect(links.id).toBe("my id");
      const base = "http://127.0.0.1:7071/runtime/webhooks/durabletask/instances/my%20id";
      expect(response.headers["location"]).toBe(
        `${base}?taskHub=TestHub&connection=Storage&code=key`,
      );
      expect(links.sendEventPostUri).toBe(
        `${base}/raiseEvent/{eventName}?taskHub=TestHub&connection=Storage&code=key`,
      );
    }));

  it("waits for the end when asked to", () =>
    withDurable(worker, async (durable) => {
      const done = await durable.request(
        "POST",
        "orchestrators/fanOut?timeout=5&pollingInterval=1",
        [3],
      );
      expect([done.status, done.body]).toEqual([200, "[6]"]);
      const failed = await durable.request("POST", "orchestrators/fails?timeout=5", "x");
      expect([failed.status, JSON.parse(failed.body).runtimeStatus]).toEqual([500, "Failed"]);
      expect((await durable.request("POST", "orchestrators/collect?timeout=0.02", 1)).status).toBe(
        202,
      );
    }));

  it("shows status with 202 and a location until the end, then 200, or 500 on request", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("collect", 1);
      const pending = await durable.request("GET", `instances/${id}`);
      expect(pending.status).toBe(202);
      expect(pending.headers["location"]).toContain(`/instances/${id}?`);
      await durable.raise(id, "item", 1);
      await durable.ended(id);
      const done = await durable.request("GET", `instances/${id}?showInput=false`);
      expect([done.status, JSON.parse(done.body).input]).toEqual([200, null]);
      const failed = await durable.run("fails", "x");
      const path = `instances/${failed.instanceId}`;
      expect((await durable.request("GET", path)).status).toBe(200);
      expect(
        (await durable.request("GET", `${path}?returnInternalServerErrorOnFailure=true`)).status,
      ).toBe(500);
    }));

  it("shows the history with or without outputs", () =>
    withDurable(worker, async (durable) => {
      const { instanceId } = await durable.run("fanOut", [4]);
      const bare = await durable.status(instanceId, "?showHistory=true");
      expect(bare.historyEvents?.map((e) => e["EventType"])).toEqual([
        "ExecutionStarted",
        "TaskCompleted",
        "ExecutionCompleted",
      ]);
      expect(bare.historyEvents?.[1]).toMatchObject({ FunctionName: "double" });
      expect(bare.historyEvents?.[1]).not.toHaveProperty("Result");
      const full = await durable.status(instanceId, "?showHistory=true&showHistoryOutput=true");
      expect(full.historyEvents?.[1]).toMatchObject({ Result: "8" });
    }));

  it("filters and pages lists", () =>
    withDurable(worker, async (durable) => {
      for (const id of ["a1", "a2", "b1"])
        await durable.ended(await durable.start("fanOut", [1], id));
      await durable.start("collect", 1, "a3");
      const list = async (query: string, headers = {}) => {
        const response = await durable.request("GET", `instances?${query}`, undefined, headers);
        const ids =
          response.status === 200
            ? JSON.parse(response.body).map((s: { instanceId: string }) => s.instanceId)
            : response.status;
        return { ids, token: response.headers["x-ms-continuation-token"] };
      };
      expect((await list("instanceIdPrefix=a")).ids).toEqual(["a1", "a2", "a3"]);
      expect((await list("runtimeStatus=Completed,Failed")).ids).toEqual(["a1", "a2", "b1"]);
      const first = await list("top=3");
      expect((await list("top=3", { "x-ms-continuation-token": first.token })).ids).toEqual(["b1"]);
      const future = new Date(Date.now() + 60_000).toISOString();
      expect((await list(`createdTimeFrom=${future}`)).ids).toEqual([]);
      expect((await list("createdTimeTo=yesterday")).ids).toBe(400);
    }));

  it("purges by filter what has finished, and nothing else", () =>
    withDurable(worker, async (durable) => {
      for (let n = 0; n < 5; n += 1) await durable.run("fanOut", [n]);
      await durable.start("collect", 1, "alive");
      const purge = (query: string) => durable.request("DELETE", `instances?${query}`);
      expect((await purge("runtimeStatus=Completed")).status).toBe(400);
      expect(
        (await purge("createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Failed")).status,
      ).toBe(404);
      const all = await purge("createdTimeFrom=2000-01-01T00:00:00Z");
      expect(JSON.parse(all.body)).toEqual({ instancesDeleted: 5 });
      expect((await durable.request("DELETE", "instances/alive")).body).toBe(
        '{"instancesDeleted":0}',
      );
      expect((await durable.request("DELETE", "instances/nobody")).status).toBe(404);
      expect((await durable.status("alive")).name).toBe("collect");
    }));

  it("restarts under the same or a new id", () =>
    withDurable(worker, async (durable) => {
      const { instanceId } = await durable.run("fanOut", [7]);
      const again = await durable.request("POST", `instances/${instanceId}/restart`);
      const newId = JSON.parse(again.body).id;
      expect(newId).not.toBe(instanceId);
      expect((await durable.ended(newId)).output).toEqual([14]);
      const same = await durable.request(
        "POST",
        `instances/${instanceId}/restart?restartWithNewInstanceId=false`,
      );
      expect(JSON.parse(same.body).id).toBe(instanceId);
      expect((await durable.ended(instanceId)).output).toEqual([14]);
    }));

  it.each<[string, string, string, string, Record<string, string>, number]>([
    ["an unknown orchestrator", "POST", "/orchestrators/nobody", "", {}, 400],
    ["an input that is not JSON", "POST", "/orchestrators/collect", "{", {}, 400],
    ["a wrong method", "PUT", "/instances/x", "", {}, 405],
    ["an unknown area", "GET", "/nowhere", "", {}, 404],
    ["a malformed path", "GET", "/instances/%E0%A4%A", "", {}, 400],
    [
      "an event without JSON type",
      "POST",
      "/instances/x/raiseEvent/go",
      "1",
      { "content-type": "text/plain" },
      400,
    ],
    [
      "an event without data",
      "POST",
      "/instances/x/raiseEvent/go",
      "",
      { "content-type": "application/json" },
      400,
    ],
    [
      "an event for nobody",
      "POST",
      "/instances/x/raiseEvent/go",
      "1",
      { "content-type": "application/json" },
      404,
    ],
    ["an unknown operation", "POST", "/instances/x/dance", "", {}, 404],
    ["a bad timeout", "POST", "/orchestrators/collect?timeout=soon", "1", {}, 400],
  ])("refuses %s", (_what, method, path, body, headers, status) =>
    withDurable(worker, async ({ host }) => {
      const [pathname = "", query] = path.split("?");
      const answer = await host.handleHttp({
        method,
        path: pathname,
        query: new URLSearchParams(query),
        headers,
        body,
        origin: "http://h",
      });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body).message).toBeTruthy();
    }),
  );
});
