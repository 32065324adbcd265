import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareDatabases } from "../../scripts/compare-databases.ts";
import { type Scene, startScene } from "../support/scene.ts";
import { lookAtVault } from "../support/vault-blobs.ts";

const marker = "PLAIN-TEXT-MARKER";
let scene: Scene;
let instance: string;

beforeAll(async () => {
  scene = await startScene({
    // Not compressed, so that whatever is not encrypted would be seen.
    env: { PGVAULT_ENCRYPTION_KEY: "file:main", PGVAULT_COMPRESSION: "none" },
  });
  await scene.cluster.psql(
    `CREATE TABLE marked AS SELECT '${marker}-' || g AS text FROM generate_series(1, 1000) g`,
    scene.database,
  );
  instance = await scene.protect("laden", scene.database);
});
afterAll(() => scene?.stop());

test("without its key a backup fails and names the key, and nothing is stored", async () => {
  const job = await scene.backUp(instance);
  expect(job.properties.status).toBe("Failed");
  expect(JSON.stringify(job.properties.errorDetails)).toContain("file:main");
  const { manifests, packs, orphans } = await lookAtVault(scene.app.storage);
  expect([manifests, packs, orphans]).toEqual([[], [], []]);
});

test("with its key a backup holds no readable byte and comes back equal", async () => {
  await mkdir(join(scene.app.stateDir, "keys"), { mode: 0o700 });
  await writeFile(join(scene.app.stateDir, "keys", "main"), randomBytes(32), { mode: 0o600 });
  expect((await scene.backUp(instance)).properties.status).toBe("Completed");
  const { packs } = await lookAtVault(scene.app.storage);
  expect(packs.length).toBeGreaterThan(0);
  for (const bytes of await contentsOf(packs)) {
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.includes(marker)).toBe(false);
    expect(bytes.includes("CREATE TABLE")).toBe(false);
  }

  const [point] = await scene.recoveryPoints(instance);
  const job = await scene.restore(instance, point!.name, "opened");
  expect(job.properties).toMatchObject({ status: "Completed", errorDetails: null });
  const { cluster, database } = scene;
  const comparison = await compareDatabases(
    { ...cluster, database },
    { ...cluster, database: "opened" },
    cluster.binaries.binDir,
  );
  expect(comparison.differences).toEqual([]);
  expect(comparison.tables.get("public.marked")).toBe(1000);
});

async function contentsOf(paths: readonly string[]): Promise<readonly Buffer[]> {
  const service = BlobServiceClient.fromConnectionString(scene.app.storage);
  const container = service.getContainerClient("pgvault");
  return Promise.all(paths.map((path) => container.getBlobClient(path).downloadToBuffer()));
}
