import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import { startFixtureWorker, withDurable } from "./durable-harness.ts";

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
});

describe("an orchestration", () => {
  it.each<[string, string, unknown, unknown]>([
    ["fans out and in", "fanOut", [1, 2, 3], [2, 4, 6]],
    ["runs a sequence", "sequence", 12, 4096],
    [
      "runs sub-orchestrations",
      "parent",
      null,
      [
        [2, 4],
        [4, 6],
        [6, 8],
      ],
    ],
    ["keeps an object input", "inputBack", { a: [1, "ü"] }, { a: [1, "ü"] }],
    ["keeps a string that looks like a number", "inputBack", "123", "123"],
    ["keeps false", "inputBack", false, false],
    ["continues as new to the end", "countdown", { left: 20, total: 0 }, 420],
    ["retries until success", "retries", { key: "r1", failures: 2 }, "recovered"],
    ["waits for a short timer", "sleepUntilEvent", 30, "timer"],
    [
      "races a retried activity against a timer",
      "retryVersusTimer",
      { key: "r2", failures: 2 },
      ["recovered", 42],
    ],
  ])("%s", (_what, name, input, output) =>
    withDurable(worker, async (durable) => {
      const status = await durable.run(name, input);
      expect(status).toMatchObject({ runtimeStatus: "Completed", output });
    }),
  );

  it.each<[string, string, unknown, string]>([
    [
      "an activity's error",
      "fails",
      "no bread",
      "Orchestrator function 'fails' failed: Activity function 'fail' failed: no bread \n Error: no bread",
    ],
    [
      "exhausted retries",
      "retries",
      { key: "r3", failures: 9 },
      "Activity function 'flaky' failed: flaky 7",
    ],
    ["an unknown activity", "unknownActivity", null, "The function 'nobody' doesn't exist"],
    ["a custom status beyond 16 KB", "bigStatus", null, "custom status is larger"],
  ])("fails with %s", (_what, name, input, message) =>
    withDurable(worker, async (durable) => {
      const status = await durable.run(name, input);
      expect(status.runtimeStatus).toBe("Failed");
      expect(status.output).toContain(message);
    }),
  );

  it("can catch an activity's error and a sub-orchestration's", () =>
    withDurable(worker, async (durable) => {
      const caught = await durable.run("catches");
      expect(caught.output).toContain("Activity function 'fail' failed: caught me");
      const child = await durable.run("parentOf", { name: "fails", input: "deep" });
      expect(child.output).toMatchObject({
        error: expect.stringContaining("Orchestrator function 'fails' failed"),
      });
    }));

  it("is told when a sub-orchestration's id is taken by a running instance", () =>
    withDurable(worker, async (durable) => {
      await durable.start("collect", 1, "taken");
      const parent = await durable.run("parentOf", { name: "fanOut", input: [1], id: "taken" });
      expect(parent.output).toMatchObject({ error: expect.stringContaining("already exists") });
    }));

  it("is told when a sub-orchestration was terminated", () =>
    withDurable(worker, async (durable) => {
      const parent = await durable.start("parentOf", { name: "collect", input: 1, id: "child" });
      await durable.until("child", (status) => status.runtimeStatus === "Running");
      await durable.request("POST", "instances/child/terminate?reason=enough");
      const status = await durable.ended(parent);
      expect(status.output).toMatchObject({ error: expect.stringContaining("was terminated") });
    }));

  it("runs through thirty activities at once", () =>
    withDurable(
      worker,
      async (durable) => {
        const input = Array.from({ length: 30 }, (_, i) => i);
        const status = await durable.run("fanOut", input);
        expect(status.output).toEqual(input.map((n) => n * 2));
      },
      { limits: { maxConcurrentActivities: 4 } },
    ));

  it("polls an asynchronous HTTP answer to its end", () =>
    withDurable(worker, async (durable) => {
      let calls = 0;
      const server = createServer((request, response) => {
        calls += 1;
        if (calls < 3) response.writeHead(202, { location: "/later", "retry-after": "0" }).end();
        else response.writeHead(200).end(`done at ${request.url}`);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const status = await durable.run("http", `http://127.0.0.1:${port}/first`);
      server.close();
      expect(status.output).toEqual({ status: 200, content: "done at /later" });
      expect(calls).toBe(3);
    }));
});
