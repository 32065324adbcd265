import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import { startFixtureWorker, withDurable } from "./durable-harness.ts";

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
});

describe("an entity", () => {
  it("answers calls and counts signals from an orchestration", () =>
    withDurable(worker, async (durable) => {
      const status = await durable.run("entityUser", { key: "k", adds: [1, 2, 3] });
      expect(status).toMatchObject({
        runtimeStatus: "Completed",
        output: { last: 106, total: 106 },
      });
    }));

  it("is strictly serial: concurrent read-modify-write loses nothing", () =>
    withDurable(
      worker,
      async (durable) => {
        const signal = () => durable.request("POST", "entities/counter/s?op=slowAdd", 1);
        await Promise.all(Array.from({ length: 60 }, signal));
        const read = async () => (await durable.request("GET", "entities/counter/s")).body;
        await expect.poll(read, { timeout: 5_000 }).toBe("60");
      },
      { limits: { maxEntityOperationBatchSize: 7 } },
    ));

  it("hands its error to the caller and keeps its state", () =>
    withDurable(worker, async (durable) => {
      await durable.request("POST", "entities/counter/t?op=add", 5);
      const status = await durable.run("entityTrouble");
      // The SDK turns the error into an object's default text; that it fails is what counts.
      expect(status.output).toMatch(/^failed: /);
      expect((await durable.request("GET", "entities/counter/t")).body).toBe("5");
    }));

  it("can signal another entity, list itself and be deleted, names in any casing", () =>
    withDurable(worker, async (durable) => {
      await durable.request("POST", "entities/Counter/a?op=add", 1);
      await durable.request("POST", "entities/counter/a?op=forward", { to: "B", n: 4 });
      const b = async () => (await durable.request("GET", "entities/COUNTER/B")).body;
      await expect.poll(b).toBe("4");
      const list = await durable.request("GET", "entities/counter?fetchState=true&top=1");
      expect(JSON.parse(list.body)).toMatchObject([
        { entityId: { name: "counter", key: "B" }, state: 4 },
      ]);
      const token = list.headers["x-ms-continuation-token"] ?? "";
      const next = await durable.request("GET", "entities?top=1", undefined, {
        "X-Ms-Continuation-Token": token,
      });
      expect(JSON.parse(next.body)).toMatchObject([{ entityId: { name: "counter", key: "a" } }]);
      expect(next.headers["x-ms-continuation-token"]).toBeUndefined();
      expect((await durable.request("DELETE", "entities/counter/a")).status).toBe(200);
      expect((await durable.request("GET", "entities/counter/a")).status).toBe(404);
      await durable.request("POST", "entities/counter/B?op=delete");
      await expect
        .poll(async () => (await durable.request("GET", "entities/counter/B")).status)
        .toBe(404);
    }));

  it.each([
    ["unknown entity", "entities/nobody/x?op=add", "1", 400],
    ["bad JSON", "entities/counter/x?op=add", "{", 400],
  ])("refuses a signal with %s", (_what, path, body, status) =>
    withDurable(worker, async (durable) => {
      const url = new URL(path, "http://h/");
      const answer = await durable.host.handleHttp({
        method: "POST",
        path: url.pathname,
        query: url.searchParams,
        headers: {},
        body,
        origin: "http://h",
      });
      expect(answer.status).toBe(status);
    }),
  );

  it("keeps its state over a restart", () =>
    withDurable(worker, async (durable) => {
      await durable.request("POST", "entities/counter/r?op=add", 3);
      await durable.reopen();
      await expect
        .poll(async () => (await durable.request("GET", "entities/counter/r")).body)
        .toBe("3");
    }));
});
