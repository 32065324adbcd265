import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { TableServiceClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Scene, startScene } from "../support/scene.ts";

const script = path.resolve(import.meta.dirname, "../../scripts/rebuild-catalog.ts");

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene?.stop());

test("pgvault goes on from the blobs alone when all of its tables are lost", async () => {
  const instance = await scene.protect("laden", scene.database);
  await scene.backUp(instance);
  const before = await scene.recoveryPoints(instance);

  const tables = TableServiceClient.fromConnectionString(scene.app.storage, {
    allowInsecureConnection: true,
  });
  for await (const { name } of tables.listTables()) if (name) await tables.deleteTable(name);
  expect((await scene.client.request("GET", instance)).status).toBe(404);

  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, PGVAULT_STORAGE: scene.app.storage },
  });
  expect(stdout).toContain("1 vaults, 1 policies, 1 backup instances, 1 recovery points");

  expect(await scene.recoveryPoints(instance)).toEqual(before);
  const restored = await scene.restore(instance, before[0]!.name, "aus Trümmern");
  expect(restored.properties.status).toBe("Completed");
  expect((await scene.backUp(instance)).properties.status).toBe("Completed");
  expect(await scene.recoveryPoints(instance)).toHaveLength(2);
});
