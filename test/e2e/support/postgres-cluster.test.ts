import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { withCluster } from "../../support/postgres-cluster.ts";

const run = promisify(execFile);

test("a cluster answers queries, survives restart and kill, and is gone after stop", async () => {
  const seen = await withCluster(async (cluster) => {
    await cluster.psql("CREATE TABLE kept AS SELECT 42 AS answer; CHECKPOINT");
    await cluster.restart();
    await cluster.kill();
    await expect(cluster.psql("SELECT 1")).rejects.toThrow(/refused/);
    await cluster.restart();
    expect(await cluster.psql("SELECT answer FROM kept")).toBe("42");
    return { cluster, dataDir: await cluster.psql("SHOW data_directory") };
  });
  expect(existsSync(seen.dataDir)).toBe(false);
  await expect(seen.cluster.psql("SELECT 1")).rejects.toThrow(/refused/);
});

test("a cluster takes server settings", async () => {
  await withCluster(
    async (cluster) => expect(await cluster.psql("SHOW max_connections")).toBe("17"),
    { settings: { max_connections: "17" } },
  );
});

test("a cluster and its files go away when their process is killed with SIGKILL", async () => {
  const script = `
    import { startCluster } from ${JSON.stringify(import.meta.resolve("../../support/postgres-cluster.ts"))};
    const cluster = await startCluster();
    console.log(await cluster.psql("SHOW data_directory"));
    process.kill(process.pid, "SIGKILL");`;
  const args = ["--input-type=module-typescript", "-e", script];
  const failure: unknown = await run(process.execPath, args).catch((error: unknown) => error);
  const dataDir = (failure as { stdout: string }).stdout.trim();
  expect(dataDir).toContain("pgvault-pg-");
  for (let attempt = 0; attempt < 100 && existsSync(dataDir); attempt += 1) await sleep(50);
  expect(existsSync(dataDir)).toBe(false);
});
