import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hourMs, minuteMs } from "../../../src/domain/instant.ts";
import { nextDueInstants } from "../../../src/domain/policy/schedule.ts";
import type { InstanceRef } from "../../../src/domain/resource-id.ts";
import type { WorkflowClient } from "../../../src/ports/workflow-client.ts";
import { Dead } from "../../activities/mortal.ts";
import { parsed, policyJson } from "../../domain/policy/policies.ts";
import { instanceRef, sampleInstance, samplePolicy, vaultRef } from "../../support/records.ts";
import { createTickRig } from "./tick-rig.ts";

const daily = (time: string) => policyJson({ intervals: [`R/2026-01-01T${time}:00+00:00/P1D`] });
const every4Hours = policyJson({ intervals: ["R/2026-01-01T02:00:00+00:00/PT4H"] });
const at = (text: string) => Date.parse(`2026-01-${text}:00.000Z`);
const iso = (text: string) => `2026-01-${text}:00.000Z`;

const setState = (
  rig: ReturnType<typeof createTickRig>,
  state: "ProtectionConfigured" | "BackupSchedulesSuspended" | "ConfiguringProtection",
) => rig.activities.setProtection({ instance: instanceRef, state, provisioningState: "Succeeded" });

const onlyRow = async (rig: ReturnType<typeof createTickRig>) => {
  const rows = await rig.due("backup");
  expect(rows).toHaveLength(1);
  return rows[0]?.at;
};

describe("a due instant", () => {
  test("starts one backup, not before it and not again after it", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.tick();
    expect(rig.dueAts()).toEqual([]);
    rig.clock.set(at("04T06:30"));
    expect(await rig.tick()).toMatchObject({ served: 1, started: 1, failures: [] });
    await rig.tick();
    rig.clock.advance(minuteMs);
    await rig.tick();
    expect(rig.dueAts()).toEqual([iso("04T06:30")]);
    expect(await onlyRow(rig)).toBe(iso("05T06:30"));
    expect((await rig.instance())?.nextDueAt).toBe(iso("05T06:30"));
  });

  test("is served once by two hosts that tick at the same moment", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    rig.clock.set(at("04T06:31"));
    await Promise.all([rig.tick(), rig.tick(), rig.tick()]);
    expect(rig.dueAts()).toEqual([iso("04T06:30")]);
    expect(await onlyRow(rig)).toBe(iso("05T06:30"));
  });

  test("missed while no host ran is run once, and the job's trigger says how many it stands for", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    rig.clock.set(at("09T08:00"));
    await rig.tick();
    expect(rig.engine.started).toMatchObject([{ dueAt: iso("09T06:30"), missed: 5 }]);
    expect(await onlyRow(rig)).toBe(iso("10T06:30"));
    const trigger = { kind: "scheduled", dueAt: iso("09T06:30"), missed: 5 } as const;
    const job = { instance: instanceRef, jobId: "11111111-2222-4333-8444-555555555555" };
    await rig.activities.openBackup({ ...job, trigger, workflowId: "w" });
    expect((await rig.catalog.jobs.get(vaultRef, job.jobId))?.value.details).toEqual({
      DueTime: iso("09T06:30"),
      MissedInstants: "5",
    });
  });

  test("of a suspended instance starts nothing; after resuming the next one counts, not the missed", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await setState(rig, "BackupSchedulesSuspended");
    expect(await rig.due("backup")).toEqual([]);
    rig.clock.set(at("08T12:00"));
    await rig.tick();
    await setState(rig, "ProtectionConfigured");
    await rig.tick();
    expect(rig.dueAts()).toEqual([]);
    expect(await onlyRow(rig)).toBe(iso("09T06:30"));
  });

  test("that comes while protection is configured anew waits for its end", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await setState(rig, "ConfiguringProtection");
    rig.clock.set(at("04T06:31"));
    await rig.tick();
    expect(rig.dueAts()).toEqual([]);
    await setState(rig, "ProtectionConfigured");
    await rig.tick();
    rig.clock.advance(2 * minuteMs);
    await rig.tick();
    expect(rig.dueAts()).toEqual([iso("04T06:30")]);
    expect(await onlyRow(rig)).toBe(iso("05T06:30"));
  });

  test("of an instance that is gone leaves nothing", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.catalog.instances.delete(instanceRef);
    rig.clock.set(at("04T06:31"));
    await rig.tick();
    expect(await rig.due("backup")).toEqual([]);
    expect(rig.dueAts()).toEqual([]);
  });
});

describe("a changed policy", () => {
  const replan = (rig: ReturnType<typeof createTickRig>) =>
    rig.activities.replanPolicy({ vault: vaultRef, policyName: "Daily" });

  test("moves the due instants, to sooner and to later", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.setPolicy(daily("06:10"));
    await replan(rig);
    expect(await onlyRow(rig)).toBe(iso("04T06:10"));
    await rig.setPolicy(daily("23:00"));
    await replan(rig);
    expect(await onlyRow(rig)).toBe(iso("04T23:00"));
    rig.clock.set(at("04T12:00"));
    await rig.tick();
    expect(rig.dueAts()).toEqual([]);
  });

  test("does not lose an instant that has come and that no tick has served yet", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    rig.clock.set(at("04T06:30") + 20_000);
    const policy = daily("06:30");
    policy.policyRules[1].lifecycles[0].deleteAfter.duration = "P6M";
    await rig.setPolicy(policy);
    await replan(rig);
    rig.clock.set(at("04T06:31"));
    await rig.tick();
    expect(rig.dueAts()).toEqual([iso("04T06:30")]);
  });

  test("that nobody planned by yet starts nothing at instants it no longer has", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.setPolicy(daily("23:00"));
    rig.clock.set(at("04T06:31"));
    await rig.tick();
    expect(rig.dueAts()).toEqual([]);
    expect(await onlyRow(rig)).toBe(iso("04T23:00"));
  });

  test("reaches every instance although one of them is in trouble", async () => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.catalog.instances.create(sampleInstance({ name: "A" }));
    await rig.catalog.instances.create(sampleInstance({ name: "Z" }));
    await rig.setPolicy(daily("09:00"));
    const { instances } = rig.catalog;
    const catalog = {
      ...rig.catalog,
      instances: {
        ...instances,
        get: async (ref: InstanceRef) => {
          if (ref.instanceName === "Orders-DB") throw new Error("in trouble");
          return instances.get(ref);
        },
      },
    };
    const { createReplanPolicy } = await import("../../../src/activities/replan.ts");
    const run = createReplanPolicy({ ...rig.ports, catalog })({
      vault: vaultRef,
      policyName: "Daily",
    });
    await expect(run).rejects.toThrow("in trouble");
    const planned = (await rig.due("backup")).filter((row) => row.at === iso("04T09:00"));
    expect(planned.map((row) => row.payload["instanceName"])).toEqual(["A", "Z"]);
  });
});

describe("trouble with one instance", () => {
  const crowd = async (names: readonly string[]) => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    for (const name of names) {
      await rig.catalog.instances.create(sampleInstance({ name }));
      const instance = { ...vaultRef, instanceName: name };
      const state = "ProtectionConfigured";
      await rig.activities.setProtection({ instance, state, provisioningState: "Succeeded" });
    }
    rig.clock.set(at("04T06:30"));
    return rig;
  };
  const failingFor = (name: string, client: WorkflowClient): WorkflowClient => ({
    ...client,
    start: (workflow, id, input) =>
      input["instanceName"] === name
        ? Promise.reject(new Error("engine refuses"))
        : client.start(workflow, id, input),
  });

  test("does not stop the others, is reported, and is tried again a minute later", async () => {
    const rig = await crowd(["a", "b"]);
    const outcome = await rig.tick({ client: failingFor("a", rig.engine.client) });
    expect(outcome.started).toBe(2);
    expect(outcome.failures).toMatchObject([{ error: new Error("engine refuses") }]);
    rig.clock.advance(minuteMs);
    await rig.tick();
    expect(rig.engine.started).toHaveLength(3);
    expect(rig.engine.started.at(-1)).toMatchObject({ instanceName: "a", dueAt: iso("04T06:30") });
    expect(await rig.due("backup")).toHaveLength(3);
  });

  test("that lasts keeps what it missed", async () => {
    const rig = await crowd(["a"]);
    for (let round = 0; round < 50; round += 1) {
      await rig.tick({ client: failingFor("a", rig.engine.client) });
      rig.clock.advance(hourMs);
    }
    await rig.tick();
    expect(rig.engine.started.at(-1)).toMatchObject({ instanceName: "a", missed: 2 });
    expect(await rig.due("backup")).toHaveLength(2);
  });

  test("such as a policy that cannot be read is reported and keeps its place in the index", async () => {
    const rig = await crowd([]);
    await rig.setPolicy({ objectType: "BackupPolicy" });
    const outcome = await rig.tick();
    expect(outcome.failures).toMatchObject([
      { error: { fault: { code: "BMSUserErrorInvalidInput" } } },
    ]);
    await rig.setPolicy(daily("06:30"));
    rig.clock.advance(minuteMs);
    await rig.tick();
    expect(rig.dueAts()).toEqual([iso("04T06:30")]);
  });

  test("does not keep rows beyond a page waiting", async () => {
    const rig = await crowd([]);
    for (let n = 0; n < 600; n += 1) {
      const key = `broken${String(n).padStart(4, "0")}`;
      await rig.catalog.due.put({ kind: "backup", at: iso("01T00:00"), key, payload: {} });
    }
    const outcome = await rig.tick();
    expect(outcome).toMatchObject({ started: 1 });
    expect(outcome.failures).toHaveLength(600);
  });
});

test("a tick may die at any store call: the next one makes it good, and starts nothing twice", async () => {
  let deaths = 0;
  for (let calls = 0; ; calls += 1) {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    rig.clock.set(at("04T06:31"));
    const died = await rig.tick({ life: { calls } }).then(
      ({ failures }) => failures.some(({ error }) => error instanceof Dead),
      (error: unknown) => error instanceof Dead,
    );
    rig.clock.advance(minuteMs);
    await rig.tick();
    expect(rig.dueAts(), `after ${calls} calls`).toEqual([iso("04T06:30")]);
    rig.clock.set(at("05T06:30"));
    await rig.tick();
    expect(rig.dueAts(), `after ${calls} calls`).toEqual([iso("04T06:30"), iso("05T06:30")]);
    expect(await onlyRow(rig)).toBe(iso("06T06:30"));
    if (!died) break;
    deaths += 1;
  }
  expect(deaths).toBeGreaterThan(5);
});

test("hosts with wrong clocks, dying and ticking at random, run every due instant at most once and lose none", async () => {
  const step = fc.record({
    minutes: fc.integer({ min: 1, max: 90 }),
    skewMs: fc.integer({ min: -10 * minuteMs, max: 10 * minuteMs }),
    calls: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const rig = createTickRig(iso("04T00:00"));
      await rig.protect(every4Hours);
      const startAt = rig.clock.now();
      for (const { minutes, skewMs, calls } of steps) {
        rig.clock.advance(minutes * minuteMs);
        await rig
          .tick({ skewMs, ...(calls === null ? {} : { life: { calls } }) })
          .catch(() => undefined);
      }
      rig.clock.advance(11 * minuteMs);
      await rig.tick();
      const due = nextDueInstants(parsed(every4Hours), startAt, 500)
        .filter((instant) => instant <= rig.clock.now())
        .map((instant) => new Date(instant).toISOString());
      const dueAts = rig.dueAts();
      expect(new Set(dueAts).size).toBe(dueAts.length);
      // Whatever was not run itself is stood for by the next one that was.
      const missed = rig.engine.started.reduce((sum, run) => sum + run.missed, 0);
      expect(due.slice(-1)).toEqual(dueAts.toSorted().slice(-1));
      expect(dueAts.length + missed).toBeGreaterThanOrEqual(due.length);
      expect(await rig.due("backup")).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});

test("the cost of a tick does not depend on how many instances there are", async () => {
  const cost = async (others: number) => {
    const rig = createTickRig(iso("04T06:00"));
    await rig.protect(daily("06:30"));
    await rig.catalog.policies.create(samplePolicy({ name: "later" }));
    for (let n = 0; n < others; n += 1) {
      const key = `other${n}`;
      await rig.catalog.due.put({ kind: "backup", at: iso("05T00:00"), key, payload: {} });
    }
    rig.clock.set(at("04T06:30"));
    rig.tables.resetCounts();
    await rig.tick();
    return rig.tables.counts();
  };
  const few = await cost(10);
  expect(await cost(3_000)).toEqual(few);
  expect(few.requests).toBeLessThan(20);
});
