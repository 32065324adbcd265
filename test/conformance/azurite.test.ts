import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createBlobStore } from "../../src/adapters/blob/blob-store.ts";
import { createTableStore } from "../../src/adapters/table/table-store.ts";
import { withAzurite } from "../support/azurite.ts";

const storesOf = ({ connectionString }: { connectionString: string }) => ({
  blobs: createBlobStore({ account: { connectionString }, container: "vault" }),
  tables: createTableStore({ account: { connectionString } }),
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("keeps blobs and tables over a stop, in a folder whose key only its owner reads", async () => {
  const dir = await mkdtemp(join(tmpdir(), "azurite-kept-"));
  try {
    const pid = await withAzurite(
      async (azurite) => {
        const { blobs, tables } = storesOf(azurite);
        await blobs.put("a", Uint8Array.of(1, 2, 3));
        await tables.upsert("jobs", { partition: "p", row: "r", value: { kept: true } });
        return azurite.pid;
      },
      { dir },
    );
    expect(isRunning(pid)).toBe(false);
    expect((await stat(join(dir, "account-key"))).mode & 0o777).toBe(0o600);
    await withAzurite(
      async (azurite) => {
        const { blobs, tables } = storesOf(azurite);
        expect(await blobs.get("a")).toEqual(Uint8Array.of(1, 2, 3));
        expect((await tables.get("jobs", "p", "r"))?.value).toEqual({ kept: true });
      },
      { dir },
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});

it("goes when its parent is killed", async () => {
  const script = `import { startAzurite } from "${new URL("../../scripts/azurite.ts", import.meta.url).href}";
    console.log((await startAzurite()).pid);`;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  for (let wait = 0; isRunning(pid) && wait < 100; wait++) await sleep(100);
  expect(isRunning(pid)).toBe(false);
});
