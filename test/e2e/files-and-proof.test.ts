import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BlobServiceClient,
  type ContainerClient,
  ContainerSASPermissions,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareDatabases } from "../../scripts/compare-databases.ts";
import { ensurePostgres } from "../../scripts/find-postgres.ts";
import { failureOf, type Scene, startScene } from "../support/scene.ts";

const run = promisify(execFile);

let scene: Scene;
let instance: string;
let point: string;

beforeAll(async () => {
  scene = await startScene();
  instance = await scene.protect("laden", scene.database);
  await scene.backUp(instance);
  const [newest] = await scene.recoveryPoints(instance);
  point = newest!.name;
});
afterAll(() => scene?.stop());

test("a restore as files is a plain directory archive that stock pg_restore reads", async () => {
  const container = await createContainer("files");
  const request = filesRequest(await sasOf(container, "cw"), "shop/2026-11-21");
  await scene.client.complete("POST", `${instance}/validateRestore`, {
    restoreRequestObject: request,
  });
  const { properties } = await scene.client.complete("POST", `${instance}/restore`, request);
  const job = await scene.client.followJob(properties!.jobId!);
  expect(job.properties).toMatchObject({ status: "Completed", operationCategory: "Restore" });
  const extended = job.properties.extendedInfo;
  // The container's URL shows in the job, its SAS does not.
  expect(extended?.recoveryDestination).toBe(container.url);
  expect(extended?.additionalDetails).toMatchObject({ "Restore File Prefix": "shop/2026-11-21" });

  const folder = await download(container, "shop/2026-11-21/");
  try {
    expect(await readFile(join(folder, "README.txt"), "utf8")).toContain("pg_restore");
    const { binDir } = await ensurePostgres();
    const { host, port, user, password } = scene.cluster;
    await scene.cluster.psql('CREATE DATABASE "by hand" TEMPLATE template0');
    await run(
      join(binDir, "pg_restore"),
      ["-Fd", "-j", "4", "-h", host, "-p", String(port), "-U", user, "-d", "by hand", folder],
      { env: { ...process.env, PGPASSWORD: password } },
    );
    const comparison = await compareDatabases(
      { ...scene.cluster, database: scene.database },
      { ...scene.cluster, database: "by hand" },
    );
    expect(comparison.differences).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a container that may not be written is found by the check, and the SAS stays untold", async () => {
  const container = await createContainer("readonly");
  const request = filesRequest(await sasOf(container, "r"), "shop");
  const failure = await failureOf(scene.client, "POST", `${instance}/validateRestore`, {
    restoreRequestObject: request,
  });
  expect(failure.code).toBe("UserErrorContainerNotAccessible");
  expect(JSON.stringify(failure)).not.toContain("sig=");
});

test("a recovery point is proven on a server, the evidence kept, the scratch database gone", async () => {
  const before = await scene.databases();
  const { properties } = await scene.client.complete(
    "POST",
    `${instance}/recoveryPoints/${point}/prove`,
    { checksums: true },
  );
  const job = await scene.client.followJob(properties!.jobId!);
  expect(job.properties.status).toBe("Completed");
  expect(await scene.databases()).toEqual(before);
  const proven = await scene.client.send<{ properties: object }>(
    "GET",
    `${instance}/recoveryPoints/${point}`,
  );
  expect(JSON.stringify(proven)).toContain("content hashed");
});

test("a recovery point is verified on demand, and the job counts its segments", async () => {
  const path = `${instance}/recoveryPoints/${point}/verify`;
  const { properties } = await scene.client.complete("POST", path);
  const job = await scene.client.followJob(properties!.jobId!);
  expect(job.properties.status).toBe("Completed");
  const [subTask] = job.properties.extendedInfo?.subTasks ?? [];
  expect(Number(subTask?.additionalDetails?.["Segments"])).toBeGreaterThan(10);
});

const filesRequest = (url: string, filePrefix: string) => ({
  objectType: "AzureBackupRecoveryPointBasedRestoreRequest",
  recoveryPointId: point,
  sourceDataStoreType: "VaultStore",
  restoreTargetInfo: {
    objectType: "RestoreFilesTargetInfo",
    recoveryOption: "FailIfExists",
    restoreLocation: "local",
    targetDetails: { filePrefix, restoreTargetLocationType: "AzureBlobs", url },
  },
});

async function createContainer(name: string): Promise<ContainerClient> {
  const service = BlobServiceClient.fromConnectionString(scene.app.storage);
  const container = service.getContainerClient(name);
  await container.create();
  return container;
}

const sasOf = (container: ContainerClient, permissions: string): Promise<string> =>
  container.generateSasUrl({
    permissions: ContainerSASPermissions.parse(permissions),
    expiresOn: new Date(Date.now() + 3_600_000),
  });

async function download(container: ContainerClient, prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pgvault-files-"));
  for await (const { name } of container.listBlobsFlat({ prefix })) {
    await container.getBlobClient(name).downloadToFile(join(folder, name.slice(prefix.length)));
  }
  return folder;
}
