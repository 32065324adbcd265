import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, it } from "vitest";
import { HostFailureError } from "../../core/host-failure.ts";
import type { WorkerPort } from "../../core/worker-port.ts";
import { type DurableUnderTest, startFixtureWorker, withDurable } from "./durable-harness.ts";

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
});

const running = (status: { runtimeStatus: string }) => status.runtimeStatus === "Running";
const suspended = (status: { runtimeStatus: string }) => status.runtimeStatus === "Suspended";
const post = (durable: DurableUnderTest, path: string) => durable.request("POST", path);

function count(durable: DurableUnderTest, table: string): number {
  const db = new DatabaseSync(durable.stateFile, { readOnly: true });
  const rows = Number(db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.["n"]);
  db.close();
  return rows;
}

describe("external events", () => {
  it("arrive in order, also those raised before anybody waits", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("collect", 20);
      for (let n = 0; n < 20; n += 1) await durable.raise(id, "item", { n });
      const { output } = await durable.ended(id);
      expect(output).toEqual(Array.from({ length: 20 }, (_, n) => ({ n })));
    }));

  it("are neither lost nor doubled over generations, with a cancelled timer in each", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("generations", { seen: [], until: 40 });
      for (let n = 0; n < 40; n += 1) {
        await durable.raise(id, "item", n);
        // Now and then let the engine catch up: both batches and single events must work.
        if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const { output } = await durable.ended(id);
      expect(output).toEqual(Array.from({ length: 40 }, (_, n) => n));
      expect(count(durable, "inbox")).toBe(0);
    }));

  it("that win a race end the instance although the cancelled timer is a year away", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("sleepUntilEvent", 365 * 24 * 3600 * 1000);
      await durable.until(id, running);
      await durable.raise(id, "go");
      expect(await durable.ended(id)).toMatchObject({ output: "event" });
      expect(count(durable, "inbox")).toBe(0);
    }));
});

describe("suspend and resume", () => {
  it("keep the backlog and work it off at once on resume", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("collect", 5);
      await durable.until(id, running);
      await post(durable, `instances/${id}/suspend?reason=pause`);
      await durable.until(id, suspended);
      for (let n = 0; n < 5; n += 1) await durable.raise(id, "item", n);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await durable.status(id)).toMatchObject({
        runtimeStatus: "Suspended",
        customStatus: null,
      });
      const resumedAt = Date.now();
      await post(durable, `instances/${id}/resume?reason=go`);
      expect(await durable.ended(id)).toMatchObject({ output: [0, 1, 2, 3, 4] });
      expect(Date.now() - resumedAt).toBeLessThan(1_000);
    }));

  it("hold back a timer that fires meanwhile", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("sleepUntilEvent", 20);
      await post(durable, `instances/${id}/suspend`);
      await durable.until(id, suspended);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await durable.status(id)).runtimeStatus).toBe("Suspended");
      await post(durable, `instances/${id}/resume`);
      expect(await durable.ended(id)).toMatchObject({ output: "timer" });
    }));

  it("survive a restart of the host", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("collect", 1);
      await durable.until(id, running);
      await post(durable, `instances/${id}/suspend`);
      await durable.raise(id, "item", "kept");
      await durable.reopen();
      await durable.until(id, suspended);
      await post(durable, `instances/${id}/resume`);
      expect(await durable.ended(id)).toMatchObject({ output: ["kept"] });
    }));
});

describe("terminate", () => {
  it.each(["running", "suspended"])("ends a %s instance with its reason", (state) =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("sleepUntilEvent", 3_600_000);
      await durable.until(id, running);
      if (state === "suspended") {
        await post(durable, `instances/${id}/suspend`);
        await durable.until(id, suspended);
      }
      expect((await post(durable, `instances/${id}/terminate?reason=no+more`)).status).toBe(202);
      const status = await durable.ended(id);
      expect(status).toMatchObject({ runtimeStatus: "Terminated", output: "no more" });
      expect(count(durable, "inbox")).toBe(0);
      expect((await post(durable, `instances/${id}/terminate`)).status).toBe(410);
      expect((await durable.raise(id, "go")).status).toBe(410);
    }),
  );

  it("drops the result of an activity that was still running", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("parentOf", { name: "crashWork", input: { n: 1 }, id: "kid" });
      await durable.until("kid", running);
      await post(durable, "instances/kid/terminate?reason=x");
      await durable.ended(id);
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect((await durable.status("kid")).runtimeStatus).toBe("Terminated");
      expect([count(durable, "inbox"), count(durable, "activities")]).toEqual([0, 0]);
    }));
});

describe("instance ids", () => {
  it("refuse a second running instance and allow a new one after the end", () =>
    withDurable(worker, async (durable) => {
      await durable.start("collect", 1, "one");
      const second = await durable.request("POST", "orchestrators/collect/one", 1);
      expect(second.status).toBe(409);
      expect(second.body).toContain("already exists");
      await durable.raise("one", "item", "first");
      await durable.ended("one");
      await durable.start("collect", 1, "one");
      await durable.raise("one", "item", "second");
      expect(await durable.ended("one")).toMatchObject({ output: ["second"] });
    }));

  it.each(["@x@y", "a%2Fb", "a%3Fb", "a%23b", "a%0Ab", "x".repeat(257)])("refuse %s", (id) =>
    withDurable(worker, async (durable) => {
      expect((await durable.request("POST", `orchestrators/collect/${id}`, 1)).status).toBe(400);
    }),
  );
});

describe("a timer of an instance that is over", () => {
  it("is dropped, also when the store is opened after it was due", () =>
    withDurable(worker, async (durable) => {
      const status = await durable.run("fanOut", [1]);
      await durable.host.stop(100);
      const db = new DatabaseSync(durable.stateFile);
      const fired = JSON.stringify({ EventType: 11, TimerId: 0, FireAt: "2020-01-01T00:00:00Z" });
      for (const id of [status.instanceId, "never-was"]) {
        db.prepare(
          "INSERT INTO inbox(recipient,execution_id,visible_at,message) VALUES(?,?,?,?)",
        ).run(id, "old", 1, fired);
      }
      db.close();
      await durable.reopen();
      await expect.poll(() => count(durable, "inbox")).toBe(0);
      expect(await durable.status(status.instanceId)).toMatchObject({
        runtimeStatus: "Completed",
        output: [2],
      });
    }));
});

describe("a failure of the host", () => {
  it("makes orchestrators, activities and entities run again instead of failing", () => {
    const brokenOnce = new Set<string>();
    const flakyWorker: WorkerPort = {
      functions: worker.functions,
      capabilities: {},
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      invoke: (invocation) => {
        const name = invocation.functionName;
        if (brokenOnce.has(name)) return worker.invoke(invocation);
        brokenOnce.add(name);
        return Promise.reject(new HostFailureError("timeout", `${name} took too long`));
      },
    };
    return withDurable(flakyWorker, async (durable) => {
      const id = await durable.start("entityUser", { key: "again", adds: [1, 2] });
      const fan = await durable.start("fanOut", [4]);
      expect(await durable.ended(id)).toMatchObject({
        runtimeStatus: "Completed",
        output: { total: 103 },
      });
      expect(await durable.ended(fan)).toMatchObject({ runtimeStatus: "Completed", output: [8] });
      expect([...brokenOnce].toSorted()).toEqual(["counter", "double", "entityUser", "fanOut"]);
    });
  });

  it("at shutdown loses no work: the next start takes it up", () =>
    withDurable(worker, async (durable) => {
      const ids = await Promise.all([1, 2, 3].map((n) => durable.start("crashWork", { n })));
      await new Promise((resolve) => setTimeout(resolve, 4));
      await durable.host.stop(0);
      await durable.reopen();
      for (const id of ids) await durable.raise(id, "release", true);
      for (const id of ids) expect((await durable.ended(id)).runtimeStatus).toBe("Completed");
    }));
});

describe("code that changed under a running instance", () => {
  it("fails it as non-deterministic and says where", () =>
    withDurable(worker, async (durable) => {
      const id = await durable.start("sleepUntilEvent", 3_600_000);
      await durable.until(id, running);
      await durable.host.stop(100);
      const db = new DatabaseSync(durable.stateFile);
      db.exec("UPDATE instances SET name='sequence', input='3'");
      db.close();
      await durable.reopen();
      await durable.raise(id, "go");
      const status = await durable.ended(id);
      expect(status.runtimeStatus).toBe("Failed");
      expect(status.output).toContain(
        "the history holds timer as number 0, but the code now asks for activity 'double'",
      );
    }));
});
