import { beforeEach, expect, test } from "vitest";
import { planValidation } from "../../../src/activities/plan-validation.ts";
import { dayMs } from "../../../src/domain/instant.ts";
import type { WorkflowClient } from "../../../src/ports/workflow-client.ts";
import { runValidationTick } from "../../../src/triggers/timer/validation-tick.ts";
import { createRig, type Rig } from "../../activities/rig.ts";
import { instanceRef } from "../../support/records.ts";

let rig: Rig;
let started: { name: string; id: string; instance: unknown }[];
let refusing: boolean;

const workflows: WorkflowClient = {
  start: async (name, id, input) => {
    if (refusing) throw new Error("the engine is down");
    if (started.some((one) => one.id === id)) return "exists";
    started.push({ name, id, instance: input["instanceName"] });
    return "started";
  },
  status: async () => undefined,
  terminate: async () => undefined,
  raiseEvent: async () => undefined,
};

beforeEach(async () => {
  rig = createRig();
  started = [];
  refusing = false;
  await rig.protect();
});

const rows = async () =>
  (await rig.catalog.due.upTo("validation", "2200-01-01T00:00:00.000Z", 10)).map(({ at }) =>
    Date.parse(at),
  );
const tick = () =>
  runValidationTick(
    { ...rig.ports, planValidation: (ref) => planValidation(rig.ports, ref) },
    workflows,
  );

test("nothing starts before its time", async () => {
  expect(await tick()).toMatchObject({ served: 0 });
  expect(started).toEqual([]);
});

test("every day starts one validation and plans the next", async () => {
  const [first = 0] = await rows();
  for (let day = 0; day < 3; day += 1) {
    rig.clock.advance(first + day * dayMs - rig.clock.now());
    await tick();
    await tick();
    expect(await rows()).toEqual([first + (day + 1) * dayMs]);
  }
  expect(started).toHaveLength(3);
  expect(started[0]).toMatchObject({ name: "revalidate", instance: instanceRef.instanceName });
});

test("days without a host are made up for by one validation", async () => {
  const [first = 0] = await rows();
  rig.clock.advance(first + 5 * dayMs - rig.clock.now());
  await tick();
  expect(started).toHaveLength(1);
  expect(await rows()).toEqual([first + 6 * dayMs]);
});

test.each(["ProtectionStopped", "BackupSchedulesSuspended"] as const)(
  "the row of an instance that became %s is dropped",
  async (state) => {
    await rig.activities.setProtection({
      instance: instanceRef,
      state,
      provisioningState: "Succeeded",
    });
    rig.clock.advance(dayMs);
    await tick();
    expect(started).toEqual([]);
    expect(await rows()).toEqual([]);
  },
);

test("the row of an instance that is gone is dropped", async () => {
  await rig.catalog.instances.delete(instanceRef);
  rig.clock.advance(dayMs);
  expect(await tick()).toMatchObject({ served: 1, failures: [] });
  expect(await rows()).toEqual([]);
});

test("an engine that does not start it is asked again a minute later", async () => {
  refusing = true;
  rig.clock.advance(dayMs);
  expect((await tick()).failures).toHaveLength(1);
  refusing = false;
  rig.clock.advance(60_000);
  await tick();
  expect(started).toHaveLength(1);
});
