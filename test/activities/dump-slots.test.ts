import { describe, expect, test } from "vitest";
import { instanceRef, vaultRef } from "../support/records.ts";
import { adhoc, createRig, jobIds, type Rig } from "./rig.ts";

/** The sample server has two places. */
const ids = jobIds(6);
const minutes = (n: number) => new Date(Date.UTC(2026, 0, 4, 6, n)).toISOString();

const open = (rig: Rig, n: number) =>
  rig.activities.openBackup({
    instance: instanceRef,
    jobId: ids[n] ?? "",
    trigger: adhoc,
    workflowId: "w",
  });
const ask = (rig: Rig, n: number, askedAt = n) =>
  rig.activities.takeDumpSlot({
    instance: instanceRef,
    jobId: ids[n] ?? "",
    requestedAt: minutes(askedAt),
  });
const giveBack = (rig: Rig, n: number, slot?: string) =>
  rig.activities.releaseDumpSlot({
    instance: instanceRef,
    jobId: ids[n] ?? "",
    ...(slot === undefined ? {} : { slot }),
  });

async function queue(count: number): Promise<Rig> {
  const rig = createRig();
  await rig.protect();
  for (let n = 0; n < count; n += 1) await open(rig, n);
  return rig;
}

describe("dumps of one server", () => {
  test("run as many at a time as there are places, and the others know how many come first", async () => {
    const rig = await queue(4);
    const answers = [];
    for (const n of [0, 1, 2, 3]) answers.push(await ask(rig, n));
    expect(answers).toEqual([
      { ahead: 0, slot: "servers/pg1:5432/0" },
      { ahead: 1, slot: "servers/pg1:5432/1" },
      { ahead: 2 },
      { ahead: 3 },
    ]);
  });

  test("go first come, first served, whoever asks again first", async () => {
    const rig = await queue(4);
    for (const n of [0, 1, 2, 3]) await ask(rig, n);
    await giveBack(rig, 0, "servers/pg1:5432/0");
    expect(await ask(rig, 3)).toEqual({ ahead: 2 });
    expect(await ask(rig, 2)).toEqual({ ahead: 1, slot: "servers/pg1:5432/0" });
    await giveBack(rig, 1, "servers/pg1:5432/1");
    expect(await ask(rig, 3)).toEqual({ ahead: 1, slot: "servers/pg1:5432/1" });
  });

  test("asked for again take the same place, not another", async () => {
    const rig = await queue(1);
    const first = await ask(rig, 0);
    expect(await ask(rig, 0)).toEqual(first);
    expect(await rig.due("dumpqueue")).toHaveLength(1);
  });

  test("do not wait for tickets of jobs that ended without giving theirs back", async () => {
    const rig = await queue(4);
    for (const n of [0, 1, 2]) await ask(rig, n);
    for (const n of [0, 1]) {
      await rig.catalog.jobs.change(vaultRef, ids[n] ?? "", {
        status: "Failed",
        endedAt: minutes(9),
      });
    }
    rig.leaseClock.advance(61_000);
    expect(await ask(rig, 2)).toEqual({ ahead: 0, slot: "servers/pg1:5432/0" });
    expect((await rig.due("dumpqueue")).map((ticket) => ticket.payload["jobId"])).toEqual([ids[2]]);
  });

  test("wait for the lease of a place even when the queue is free", async () => {
    const rig = await queue(1);
    for (const place of [0, 1]) await rig.leases.acquire(`servers/pg1:5432/${place}`, "zombie");
    expect(await ask(rig, 0)).toEqual({ ahead: 0 });
    rig.leaseClock.advance(61_000);
    expect(await ask(rig, 0)).toMatchObject({ slot: "servers/pg1:5432/0" });
  });

  test("leave no ticket behind, also when they never got a place", async () => {
    const rig = await queue(3);
    for (const n of [0, 1, 2]) await ask(rig, n);
    // A second attempt of the same job asks at another instant.
    await ask(rig, 2, 5);
    await giveBack(rig, 2);
    expect(await rig.due("dumpqueue")).toHaveLength(2);
    await giveBack(rig, 2);
    await giveBack(rig, 0, "servers/pg1:5432/0");
    await giveBack(rig, 1, "servers/pg1:5432/1");
    expect(await rig.due("dumpqueue")).toEqual([]);
  });

  test("look closely at no more tickets than there are places", async () => {
    const rig = await queue(6);
    for (const n of [0, 1, 2, 3, 4]) await ask(rig, n);
    rig.tables.resetCounts();
    await ask(rig, 5);
    const few = rig.tables.counts().requests;
    expect(await ask(rig, 5)).toEqual({ ahead: 5 });
    expect(few).toBeLessThan(10);
  });
});
