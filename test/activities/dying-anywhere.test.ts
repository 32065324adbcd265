import { describe, expect, test } from "vitest";
import { createAbandonJob } from "../../src/activities/abandon-job.ts";
import { createActivities } from "../../src/activities/activities.ts";
import { createPurgeDeleted } from "../../src/activities/lifecycle/purge-deleted.ts";
import { createReviewRecoveryPoint } from "../../src/activities/lifecycle/review-recovery-point.ts";
import type { ActivityPorts } from "../../src/activities/ports.ts";
import { dayMs } from "../../src/domain/instant.ts";
import { recoveryPointIdOf } from "../../src/domain/recovery-point.ts";
import { packFolder } from "../../src/domain/vault-paths.ts";
import { archiveStore, copyToArchive, lifecycle, policyJson } from "../domain/policy/policies.ts";
import {
  instanceRef,
  sampleInstance,
  samplePolicy,
  sampleVault,
  vaultRef,
} from "../support/records.ts";
import { Dead } from "./mortal.ts";
import { adhoc, createRig, jobIds, type Rig, scheduled } from "./rig.ts";

const [first = "", second = "", third = ""] = jobIds(3);
const job = { instance: instanceRef, jobId: first };
const dueAt = "2026-01-04T06:30:00.000Z";

const archiving = (copy: string) => {
  const policy = policyJson();
  policy.policyRules[1].lifecycles = [
    lifecycle("P1M", undefined, [copyToArchive(copy)]),
    lifecycle("P1Y", archiveStore),
  ];
  return policy;
};

/** Two recovery points, so that the first one may go. */
const twoPoints = async (rig: Rig, policy: object = policyJson()) => {
  await rig.protect(policy);
  await rig.backUp(first, scheduled(dueAt));
  rig.clock.advance(1);
  await rig.backUp(second, scheduled(dueAt));
};

const review = (ports: ActivityPorts) =>
  createReviewRecoveryPoint(ports)(instanceRef, recoveryPointIdOf(first));

/** As the tick does: until nothing is due. */
const reviewAll = async (ports: ActivityPorts) => {
  for (let step = 0; step < 8; step += 1) {
    const { reviewAt } = await review(ports);
    if (reviewAt === undefined || reviewAt > ports.clock.now()) return;
  }
};

const archived = async (rig: Rig) => {
  await twoPoints(rig, archiving("CopyOnExpiryOption"));
  rig.clock.advance(40 * dayMs);
  await reviewAll(rig.ports);
};

const rehydration = { priority: "Standard", retentionDays: 10 } as const;

interface Scenario {
  readonly name: string;
  readonly before: (rig: Rig) => Promise<unknown>;
  readonly act: (ports: ActivityPorts) => Promise<unknown>;
}

const scenarios: readonly Scenario[] = [
  {
    name: "opening a backup",
    before: (rig) => rig.protect(),
    act: (ports) =>
      createActivities(ports).openBackup({ ...job, trigger: adhoc, workflowId: "backUp-1" }),
  },
  {
    name: "committing a scheduled backup whose predecessor is overdue",
    before: async (rig) => {
      await rig.protect();
      await rig.backUp(second, scheduled(dueAt));
      rig.clock.advance(200 * dayMs);
      await rig.activities.openBackup({ ...job, trigger: scheduled(dueAt), workflowId: "w" });
      await rig.blobs.put(
        `${packFolder(instanceRef, recoveryPointIdOf(first), "a")}/0001.pack`,
        new Uint8Array(3),
      );
      await rig.blobs.put(
        `${packFolder(instanceRef, recoveryPointIdOf(first), "a")}/dump.json`,
        new TextEncoder().encode(JSON.stringify(draft(rig))),
      );
    },
    act: (ports) =>
      createActivities(ports).commitRecoveryPoint({
        ...job,
        attempt: "a",
        trigger: scheduled("2026-07-19T06:30:00.000Z"),
      }),
  },
  {
    name: "discarding the attempts of a failed backup",
    before: async (rig) => {
      await rig.protect();
      await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
      await rig.activities.dumpDatabase({ ...job, attempt: "b", slot: "s" });
    },
    act: (ports) => createActivities(ports).discardAttempts(job),
  },
  {
    name: "configuring protection",
    before: (rig) => rig.protect(policyJson(), { protectionState: "ConfiguringProtection" }),
    act: (ports) =>
      createActivities(ports).setProtection({
        instance: instanceRef,
        state: "ProtectionConfigured",
        provisioningState: "Succeeded",
      }),
  },
  {
    name: "stopping protection",
    before: (rig) => rig.protect(),
    act: (ports) =>
      createActivities(ports).setProtection({
        instance: instanceRef,
        state: "ProtectionStopped",
        provisioningState: "Succeeded",
      }),
  },
  {
    name: "resuming protection with overdue recovery points",
    before: async (rig) => {
      await twoPoints(rig);
      const stop = { instance: instanceRef, provisioningState: "Succeeded" } as const;
      await rig.activities.setProtection({ ...stop, state: "ProtectionStopped" });
      rig.clock.advance(200 * dayMs);
    },
    act: (ports) =>
      createActivities(ports).setProtection({
        instance: instanceRef,
        state: "ProtectionConfigured",
        provisioningState: "Succeeded",
      }),
  },
  {
    name: "following a changed policy",
    before: async (rig) => {
      await rig.protect();
      await rig.catalog.instances.create(sampleInstance({ name: "other" }));
      await rig.setPolicy(policyJson({ intervals: ["R/2026-01-01T01:00:00+00:00/P1D"] }));
    },
    act: (ports) => createActivities(ports).replanPolicy({ vault: vaultRef, policyName: "Daily" }),
  },
  {
    name: "soft-deleting an instance",
    before: async (rig) => {
      await twoPoints(rig);
      await withSoftDelete(rig);
    },
    act: (ports) => createActivities(ports).removeInstance({ instance: instanceRef }),
  },
  {
    name: "deleting an instance for good",
    before: twoPoints,
    act: (ports) => createActivities(ports).removeInstance({ instance: instanceRef }),
  },
  {
    name: "purging a soft-deleted instance",
    before: async (rig) => {
      await twoPoints(rig);
      await withSoftDelete(rig);
      await rig.activities.removeInstance({ instance: instanceRef });
      rig.clock.advance(14 * dayMs);
    },
    act: (ports) => createPurgeDeleted(ports)(instanceRef),
  },
  {
    name: "expiring a recovery point",
    before: async (rig) => {
      await twoPoints(rig);
      rig.clock.advance(100 * dayMs);
    },
    act: reviewAll,
  },
  {
    name: "moving a recovery point to the archive",
    before: async (rig) => {
      await twoPoints(rig, archiving("CopyOnExpiryOption"));
      rig.clock.advance(40 * dayMs);
    },
    act: reviewAll,
  },
  {
    name: "copying a recovery point to the archive",
    before: (rig) => twoPoints(rig, archiving("ImmediateCopyOption")),
    act: reviewAll,
  },
  {
    name: "taking a copied recovery point out of the vault store",
    before: async (rig) => {
      await twoPoints(rig, archiving("ImmediateCopyOption"));
      await reviewAll(rig.ports);
      rig.clock.advance(40 * dayMs);
    },
    act: reviewAll,
  },
  {
    name: "expiring an archived recovery point early",
    before: async (rig) => {
      await twoPoints(rig, archiving("CopyOnExpiryOption"));
      // Nobody looked for a year: archived and expired in one go.
      rig.clock.advance(300 * dayMs);
      await reviewAll(rig.ports);
      rig.clock.advance(130 * dayMs);
    },
    act: reviewAll,
  },
  {
    name: "rehydrating",
    before: archived,
    act: (ports) =>
      createActivities(ports).rehydrateStep({
        ...job,
        recoveryPointId: recoveryPointIdOf(first),
        rehydration,
      }),
  },
  {
    name: "ending a rehydration",
    before: async (rig) => {
      await archived(rig);
      const recoveryPointId = recoveryPointIdOf(first);
      await rig.activities.rehydrateStep({ ...job, recoveryPointId, rehydration });
      await rig.activities.releaseLease(job);
      rig.clock.advance(11 * dayMs);
    },
    act: reviewAll,
  },
  {
    name: "sweeping up a dump that came to nothing",
    before: async (rig) => {
      await rig.protect();
      await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
      await rig.activities.releaseLease(job);
      rig.clock.advance(dayMs);
    },
    act: reviewAll,
  },
  {
    name: "indexing what a lost workflow had committed",
    before: async (rig) => {
      await rig.protect();
      await rig.backUp(first, scheduled(dueAt));
      await rig.catalog.recoveryPoints.delete(instanceRef, recoveryPointIdOf(first));
    },
    act: reviewAll,
  },
  {
    name: "abandoning a backup that had dumped",
    before: async (rig) => {
      await rig.protect();
      await rig.activities.openBackup({ ...job, trigger: adhoc, workflowId: "w" });
      await rig.activities.takeDumpSlot({ ...job, requestedAt: dueAt });
      await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
    },
    act: abandon,
  },
  {
    name: "abandoning a backup that had committed",
    before: async (rig) => {
      await rig.protect();
      const trigger = scheduled(dueAt);
      await rig.activities.openBackup({ ...job, trigger, workflowId: "w" });
      const { attempt } = await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
      await rig.activities.commitRecoveryPoint({ ...job, attempt, trigger });
    },
    act: abandon,
  },
  {
    name: "queueing for a dump behind a dead job",
    before: async (rig) => {
      await rig.protect();
      const dead = { instance: instanceRef, jobId: third };
      await rig.activities.takeDumpSlot({ ...dead, requestedAt: "2026-01-01T00:00:00.000Z" });
      await rig.activities.openBackup({ ...job, trigger: adhoc, workflowId: "w" });
    },
    act: (ports) => createActivities(ports).takeDumpSlot({ ...job, requestedAt: dueAt }),
  },
  {
    name: "giving a place among the dumps back",
    before: async (rig) => {
      await rig.protect();
      await rig.activities.openBackup({ ...job, trigger: adhoc, workflowId: "w" });
      await rig.activities.takeDumpSlot({ ...job, requestedAt: dueAt });
    },
    act: (ports) => createActivities(ports).releaseDumpSlot({ ...job, slot: "servers/pg1:5432/0" }),
  },
];

describe.each(scenarios)("$name", ({ before, act }) => {
  const arrange = async () => {
    const rig = createRig();
    await before(rig);
    return rig;
  };

  test("twice is the same as once", async () => {
    const rig = await arrange();
    await act(rig.ports);
    const once = await rig.everything();
    rig.leaseClock.advance(61_000);
    await act(rig.ports);
    expect(await rig.everything()).toBe(once);
  });

  test("ends the same wherever a run dies, once another run gets through", async () => {
    const undisturbed = await arrange();
    await act(undisturbed.ports);
    const expected = await undisturbed.everything();
    let deaths = 0;
    for (let calls = 0; ; calls += 1) {
      const rig = await arrange();
      const died = await dies(() => act(rig.portsWith({ calls })));
      if (!died) break;
      deaths += 1;
      rig.leaseClock.advance(61_000);
      await act(rig.ports);
      expect(await rig.everything(), `after ${calls} calls`).toBe(expected);
    }
    expect(deaths).toBeGreaterThan(2);
  });
});

async function dies(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (error instanceof Dead) return true;
    throw error;
  }
}

async function abandon(ports: ActivityPorts): Promise<void> {
  const found = await ports.catalog.jobs.get(vaultRef, first);
  if (found !== undefined) await createAbandonJob(ports)(found.value, "unknown to the engine");
}

async function withSoftDelete(rig: Rig): Promise<void> {
  const found = await rig.catalog.vaults.get(vaultRef);
  const softDelete = { state: "On", retentionDurationInDays: 14 };
  await rig.catalog.vaults.replace(sampleVault({ softDelete }), found?.etag ?? "");
  await rig.catalog.policies.create(samplePolicy({ name: "unused" }));
}

const draft = (rig: Rig) => ({
  archive: {
    format: "directory",
    compression: "none",
    packs: [{ name: "0001.pack", length: 3 }],
    files: [],
    storedBytes: 3,
    rawBytes: 3,
  },
  source: {
    server: "pg1:5432",
    database: "d",
    serverVersion: "15.18",
    clientVersion: "15.18",
    encoding: "UTF8",
    collate: "C",
    ctype: "C",
    databaseBytes: 9,
  },
  takenAt: new Date(rig.clock.now()).toISOString(),
});
