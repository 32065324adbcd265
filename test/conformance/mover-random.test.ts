import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRig } from "../adapters/postgres/mover/mover-rig.ts";
import { randomDatabase } from "../adapters/postgres/mover/random-database.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

/** `PGVAULT_CASES=500 PGVAULT_SEED=$RANDOM` looks further than the gate does. */
const cases = Number(process.env["PGVAULT_CASES"] ?? 15);
/** Fewer: each writes files and runs stock pg_restore. */
const casesAsFiles = Math.ceil(cases / 5);
/** For one case, and for shrinking a failure to the smallest that still fails. */
const caseLimitMs = 4_000;
const shrinkLimitMs = 60_000;
const limits = (runs: number) => ({
  numRuns: runs,
  interruptAfterTimeLimit: runs * caseLimitMs + shrinkLimitMs,
  markInterruptAsFailure: true,
});

const run = promisify(execFile);
let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster.stop());

/** A database of this script; it and its copy are gone afterwards. */
async function withDatabase(script: string, use: () => Promise<void>): Promise<void> {
  await cluster.psql("CREATE DATABASE src TEMPLATE template0");
  try {
    const client = new Client({ connectionString: cluster.url("src") });
    await client.connect();
    try {
      await client.query(script);
    } finally {
      await client.end();
    }
    await use();
  } finally {
    await cluster.psql("DROP DATABASE src");
    await cluster.psql("DROP DATABASE IF EXISTS copy");
  }
}

const settings = fc.record({
  connections: fc.integer({ min: 1, max: 4 }),
  compression: fc.constantFrom("zstd", "gzip", "none"),
});

describe("any database", () => {
  it(
    "comes back equal",
    async () => {
      const property = fc.asyncProperty(randomDatabase(), settings, (script, form) =>
        withDatabase(script, async () => {
          const rig = createRig(cluster);
          const outcome = await rig.dump("src", form);
          await rig.restore(outcome, "copy", { connections: form.connections });
          expect(await rig.differences("src", "copy")).toEqual([]);
        }),
      );
      await fc.assert(property, limits(cases));
    },
    cases * caseLimitMs + 2 * shrinkLimitMs,
  );

  it(
    "comes back equal from files through stock pg_restore",
    async () => {
      const property = fc.asyncProperty(
        randomDatabase(),
        fc.constantFrom("none", "gzip"),
        (script, compression) =>
          withDatabase(script, async () => {
            expect(await differencesThroughFiles(compression)).toEqual([]);
          }),
      );
      await fc.assert(property, limits(casesAsFiles));
    },
    casesAsFiles * caseLimitMs + 2 * shrinkLimitMs,
  );
});

async function differencesThroughFiles(compression: "none" | "gzip"): Promise<readonly string[]> {
  const rig = createRig(cluster);
  const folder = await mkdtemp(join(tmpdir(), "pgvault-random-"));
  try {
    const outcome = await rig.dump("src");
    await rig.restoreFiles(outcome, folder, compression);
    await cluster.psql("CREATE DATABASE copy TEMPLATE template0");
    const { host, port, user, password, binaries } = cluster;
    await run(
      join(binaries.binDir, "pg_restore"),
      ["--format=directory", "--jobs=2", "--exit-on-error", "--dbname=copy", folder],
      { env: { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password } },
    );
    return await rig.differences("src", "copy");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
