import { afterAll, beforeAll, expect, test } from "vitest";
import { compareDatabases } from "../../scripts/compare-databases.ts";
import type { Job } from "../../scripts/demo/arm-client.ts";
import { restoreBody } from "../../scripts/demo/request-bodies.ts";
import { withCluster } from "../support/postgres-cluster.ts";
import { restoreRequest, type Scene, sceneVault, startScene } from "../support/scene.ts";
import { lookAtVault } from "../support/vault-blobs.ts";

let scene: Scene;
let instance: string;

beforeAll(async () => {
  scene = await startScene();
  const draft = { backupInstance: scene.properties(scene.database) };
  await scene.client.complete("POST", `${sceneVault}/validateForBackup`, draft);
  instance = await scene.protect("laden", scene.database);
});
afterAll(() => scene?.stop());

test("a backup on demand makes one recovery point that names its rule and expiry", async () => {
  const job = await scene.backUp(instance);
  expect(job.properties).toMatchObject({
    status: "Completed",
    operationCategory: "Backup",
    errorDetails: null,
  });
  expect(job.properties.extendedInfo?.dataTransferredInBytes).toBeGreaterThan(100_000);

  const [point, ...others] = await scene.recoveryPoints(instance);
  expect(others).toEqual([]);
  expect(point?.name).toMatch(/^[0-9a-f]{32}$/);
  expect(point?.properties.retentionTagName).toMatch(/^default$/i);
  const { recoveryPointTime, recoveryPointDataStoresDetails } = point!.properties;
  const takenAt = new Date(recoveryPointTime);
  const wanted = new Date(takenAt);
  wanted.setUTCMonth(wanted.getUTCMonth() + 3);
  const expiresAt = new Date(String(recoveryPointDataStoresDetails[0]?.expiryTime));
  expect(Math.abs(expiresAt.getTime() - wanted.getTime())).toBeLessThan(3 * 24 * 3_600_000);
  const alone = await scene.client.send("GET", `${instance}/recoveryPoints/${point?.name}`);
  expect(alone).toMatchObject({ name: point?.name, properties: { recoveryPointTime } });

  const vault = await lookAtVault(scene.app.storage);
  expect(vault.manifests).toHaveLength(1);
  expect(vault.packs.length).toBeGreaterThan(0);
  expect([...vault.orphans, ...vault.missing]).toEqual([]);
});

test("a restore as a new database of the same server brings back everything", async () => {
  const [point] = await scene.recoveryPoints(instance);
  const body = restoreRequest(point!.name, "Laden zurück");
  await scene.client.complete("POST", `${instance}/validateRestore`, {
    restoreRequestObject: body,
  });
  const job = await scene.restore(instance, point!.name, "Laden zurück");
  expect(job.properties).toMatchObject({ status: "Completed", operationCategory: "Restore" });

  const { cluster, database } = scene;
  const comparison = await compareDatabases(
    { ...cluster, database },
    { ...cluster, database: "Laden zurück" },
    cluster.binaries.binDir,
  );
  expect(comparison.differences).toEqual([]);
  const comment = await cluster.psql(
    "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'Laden zurück'",
  );
  expect(comment).not.toMatch(/pgvault/);
});

test("a restore to another server uses that server's secret", async () => {
  await withCluster(async (other) => {
    await scene.app.putSecret("other-server", other.connectionString());
    const [point] = await scene.recoveryPoints(instance);
    const target = { server: "other", database: "moved", secret: "other-server" };
    const { properties } = await scene.client.complete(
      "POST",
      `${instance}/restore`,
      restoreBody(point!.name, target),
    );
    const job = await scene.client.followJob(String(properties?.jobId));
    expect(job.properties).toMatchObject({ status: "Completed", errorDetails: null });
    const comparison = await compareDatabases(
      { ...scene.cluster, database: scene.database },
      { ...other, database: "moved" },
      other.binaries.binDir,
    );
    expect(comparison.differences).toEqual([]);
  });
});

test("a recovery point holds the database as it was when the backup began", async () => {
  await scene.cluster.psql(`INSERT INTO shop.voucher VALUES ('later', '5')`, scene.database);
  try {
    const [point] = await scene.recoveryPoints(instance);
    await scene.restore(instance, point!.name, "as it was");
    expect(await scene.cluster.psql("SELECT count(*) FROM shop.voucher", "as it was")).toBe("0");
  } finally {
    await scene.cluster.psql("DELETE FROM shop.voucher", scene.database);
  }
});

test("jobs are listed with the newest first and without details", async () => {
  const { value } = await scene.client.send<{ value: Job[] }>("GET", `${sceneVault}/backupJobs`);
  const categories = value.map(({ properties }) => properties.operationCategory);
  expect(categories).toEqual(["Restore", "Restore", "Restore", "Backup"]);
  expect(value.every(({ properties }) => properties.extendedInfo == null)).toBe(true);
});

test("a reader may look and not act, an operator may back up and not protect", async () => {
  const reader = scene.app.as("reader");
  const operator = scene.app.as("operator");
  expect((await reader.request("GET", `${instance}/recoveryPoints`)).status).toBe(200);
  expect((await reader.request("POST", `${instance}/backup`, {})).status).toBe(403);
  expect((await operator.request("PUT", sceneVault, {})).status).toBe(403);
  expect((await operator.request("GET", `${instance}`)).status).toBe(200);
  const anonymous = await fetch(`${scene.app.baseUrl}${instance}?api-version=2025-07-01`);
  expect(anonymous.status).toBe(401);
  expect(await anonymous.json()).toMatchObject({ error: { code: expect.any(String) } });
});
