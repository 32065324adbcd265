import { afterAll, beforeAll, expect, test } from "vitest";
import { instancePathOf } from "../../scripts/demo/request-bodies.ts";
import { dayMs } from "../../src/domain/instant.ts";
import {
  absolute,
  archiveStore,
  copyToArchive,
  lifecycle,
  policyJson,
  retentionRule,
  tag,
} from "../domain/policy/policies.ts";
import { failureOf, sceneVault } from "../support/scene.ts";
import { lookAtVault } from "../support/vault-blobs.ts";
import { startTimedScene, type TimedScene } from "./policy-time.ts";

const subscription = sceneVault.split("/")[2] ?? "";
const startAt = Date.parse("2027-01-02T12:00:00Z");
const policy = policyJson({
  tags: [tag("Monthly", 15, absolute("FirstOfMonth"))],
  rules: [
    retentionRule(
      "Monthly",
      lifecycle("P1M", undefined, [copyToArchive("CopyOnExpiryOption")]),
      lifecycle("P6M", archiveStore),
    ),
  ],
});

let scene: TimedScene;
let instance: string;
beforeAll(async () => {
  scene = await startTimedScene({ sizeMb: 0, startAt });
  await scene.cluster.psql("CREATE DATABASE tiny");
  await scene.client.send("PUT", `${sceneVault}/backupPolicies/weekly`, { properties: policy });
  instance = await scene.protect("tiny", "tiny");
});
afterAll(() => scene?.stop());

const stateOf = async (path: string) =>
  (await scene.client.send<{ properties: { currentProtectionState: string } }>("GET", path))
    .properties.currentProtectionState;
const post = (action: string) => scene.client.complete("POST", `${instance}/${action}`, {});
const backUp = async (options: object) => {
  const body = { backupRuleOptions: options };
  const { properties } = await scene.client.complete("POST", `${instance}/backup`, body);
  return scene.client.followJob(String(properties?.jobId));
};
const tags = async () =>
  (await scene.recoveryPoints(instance)).map(({ properties }) => properties.retentionTagName);

test.each([
  [{ ruleName: "BackupWeekly" }, "Default"],
  [{ ruleName: "BackupWeekly", triggerOption: { retentionTagOverride: "Monthly" } }, "Monthly"],
  [{ ruleName: "Monthly" }, "Monthly"],
  [{ ruleName: "backupweekly", triggerOption: { retentionTagOverride: "default" } }, "Default"],
])("a backup on demand under %j is kept as %s", async (options, wanted) => {
  const job = await backUp(options);
  expect(job.properties).toMatchObject({ status: "Completed" });
  expect((await tags())[0]).toBe(wanted);
});

test("a backup on demand under a name that the policy does not have names those it has", async () => {
  const body = { backupRuleOptions: { ruleName: "Hourly" } };
  const error = await failureOf(scene.client, "POST", `${instance}/backup`, body);
  expect(error.code).toBe("BMSUserErrorInvalidInput");
  expect(error.message).toMatch(/BackupWeekly, Default, Monthly/);
});

test("suspended, nothing starts and nothing may be started; resumed, the schedule goes on", async () => {
  await post("suspendBackups");
  expect(await stateOf(instance)).toBe("BackupsSuspended");
  const count = (await tags()).length;
  await scene.settleAt(Date.parse("2027-01-05T12:00:00Z"));
  expect(await tags()).toHaveLength(count);
  const body = { backupRuleOptions: { ruleName: "BackupWeekly" } };
  expect((await failureOf(scene.client, "POST", `${instance}/backup`, body)).code).toBe(
    "UserErrorInstanceNotProtected",
  );
  await post("resumeBackups");
  const untilBackedUp = async () => (await tags()).length > count;
  await scene.settleAt(Date.parse("2027-01-10T06:31:00Z"), untilBackedUp);
  expect((await tags())[0]).toBe("Monthly");
});

test("stopped, nothing expires; resumed, what came due is carried out and the newest stays", async () => {
  await post("stopProtection");
  const count = (await tags()).length;
  await scene.settleAt(startAt + 120 * dayMs);
  expect(await tags()).toHaveLength(count);
  await post("resumeProtection");
  await scene.settle();
  // Both Default ones are gone; all Monthly ones but the newest are archived.
  expect(new Set(await tags())).toEqual(new Set(["Monthly"]));
  const points = await scene.recoveryPoints(instance);
  const stores = points.map(({ properties }) =>
    (properties.recoveryPointDataStoresDetails as readonly { type?: string }[]).map(
      ({ type }) => type,
    ),
  );
  expect(stores).toEqual([["VaultStore"], ["ArchiveStore"], ["ArchiveStore"]]);
});

test("an archived recovery point is rehydrated on its own, for as long as was asked", async () => {
  const recoveryPointId = (await scene.recoveryPoints(instance)).at(-1)!.name;
  const { properties } = await scene.client.complete("POST", `${instance}/rehydrate`, {
    recoveryPointId,
    rehydrationPriority: "High",
    rehydrationRetentionDuration: "P10D",
  });
  const job = await scene.client.followJob(String(properties?.jobId));
  expect(job.properties).toMatchObject({ status: "Completed", operationCategory: "Tiering" });
  const restored = await scene.restore(instance, recoveryPointId, "thawed");
  expect(restored.properties).toMatchObject({ status: "Completed" });
  await scene.settleAt(scene.now() + 11 * dayMs);
  expect((await lookAtVault(scene.app.storage)).orphans).toEqual([]);
});

test("under another policy its next backup is that policy's, and what it has keeps its promise", async () => {
  const daily = policyJson({ intervals: ["R/2027-01-01T03:15:00+00:00/P1D"] });
  await scene.client.send("PUT", `${sceneVault}/backupPolicies/daily`, { properties: daily });
  const before = await scene.recoveryPoints(instance);
  const properties = scene.properties("tiny", "server", "daily");
  await scene.client.complete("PUT", instance, { properties });
  const nextDay = new Date(scene.now() + dayMs).toISOString().slice(0, 10);
  const untilBackedUp = async () => (await tags()).length > before.length;
  await scene.settleAt(Date.parse(`${nextDay}T03:15:30Z`), untilBackedUp);
  const after = await scene.recoveryPoints(instance);
  expect(after.slice(1).map(({ properties }) => properties.retentionTagName)).toEqual(
    before.map(({ properties }) => properties.retentionTagName),
  );
  const job = await scene.catalog.jobs.get(
    { subscriptionId: subscription, resourceGroup: "demo", vaultName: "test-vault" },
    after[0]!.name.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  );
  expect(job?.value.details["DueTime"]).toBe(`${nextDay}T03:15:00.000Z`);
  expect(job?.value.policyName).toBe("daily");
});

test("soft-deleted, it comes back stopped; left alone, it is purged and leaves nothing", async () => {
  const vault = await scene.client.send<{ location: string; properties: object }>(
    "GET",
    sceneVault,
  );
  const softDeleteSettings = { state: "On", retentionDurationInDays: 14 };
  await scene.client.complete("PUT", sceneVault, {
    location: vault.location,
    properties: {
      storageSettings: [{ datastoreType: "VaultStore", type: "LocallyRedundant" }],
      securitySettings: { softDeleteSettings },
    },
  });
  const deleted = instance.replace("/backupInstances/", "/deletedBackupInstances/");
  await scene.client.complete("DELETE", instance);
  expect((await scene.client.request("GET", instance)).status).toBe(404);
  await scene.client.complete("POST", `${deleted}/undelete`);
  expect(await stateOf(instance)).toBe("ProtectionStopped");
  await scene.client.complete("DELETE", instance);
  await scene.settleAt(scene.now() + 15 * dayMs);
  expect((await scene.client.request("GET", deleted)).status).toBe(404);
  const blobs = await lookAtVault(scene.app.storage);
  expect([...blobs.manifests, ...blobs.packs, ...blobs.orphans]).toEqual([]);
  // The database may be protected again, under the same name.
  expect(await scene.protect("tiny", "tiny")).toBe(instancePathOf("test-vault", "tiny"));
});
