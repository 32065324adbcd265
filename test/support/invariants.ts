import { expect } from "vitest";
import { compareDatabases } from "../../scripts/compare-databases.ts";
import type { Job } from "../../scripts/demo/arm-client.ts";
import { type Scene, sceneVault } from "./scene.ts";
import { lookAtVault } from "./vault-blobs.ts";

/**
 * What must hold whenever nothing runs, whatever happened before: no job in progress, every
 * recovery point restores to a database equal to the source, no blob that no recovery point names,
 * no database besides those that should be there.
 */
export async function expectSound(
  scene: Scene,
  instancePath: string,
  expected: { readonly databases: readonly string[]; readonly recoveryPoints?: number },
): Promise<void> {
  const jobs = await scene.client.send<{ value: Job[] }>("GET", `${sceneVault}/backupJobs`);
  expect(jobs.value.filter(({ properties }) => properties.status === "InProgress")).toEqual([]);

  expect(await scene.databases()).toEqual([...expected.databases].sort());

  const points = await scene.recoveryPoints(instancePath);
  if (expected.recoveryPoints !== undefined) expect(points).toHaveLength(expected.recoveryPoints);
  const vault = await lookAtVault(scene.app.storage);
  expect(vault.orphans).toEqual([]);
  expect(vault.missing).toEqual([]);
  expect(vault.manifests).toHaveLength(points.length);

  for (const { name } of points) await expectRestores(scene, instancePath, name);
}

/** How a job ended, with its errors: an assertion on this says why it failed. */
export const outcomeOf = ({ properties }: Job): string =>
  [
    properties.status,
    ...(properties.errorDetails ?? []).map((e) => `${e.code}: ${e.message}`),
  ].join("\n");

/** Restores the recovery point, compares it with the sample database, and drops it again. */
export async function expectRestores(
  scene: Scene,
  instancePath: string,
  recoveryPoint: string,
): Promise<void> {
  const database = `check ${recoveryPoint}`;
  try {
    const job = await scene.restore(instancePath, recoveryPoint, database);
    expect(outcomeOf(job)).toBe("Completed");
    expect(await differences(scene, database)).toEqual([]);
  } finally {
    await scene.cluster.psql(`DROP DATABASE IF EXISTS "${database}"`);
  }
}

export async function differences(scene: Scene, database: string): Promise<readonly unknown[]> {
  const { cluster } = scene;
  const comparison = await compareDatabases(
    { ...cluster, database: scene.database },
    { ...cluster, database },
    cluster.binaries.binDir,
  );
  return comparison.differences;
}
