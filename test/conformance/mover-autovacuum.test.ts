import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import type { DumpOutcome } from "../../src/ports/data-mover.ts";
import { createRig, type MoverRig } from "../adapters/postgres/mover/mover-rig.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;
let rig: MoverRig;
let outcome: DumpOutcome;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE src");
  await cluster.psql(
    `CREATE SCHEMA "Größe, m"; CREATE TABLE "Größe, m"."big ""one""" AS
       SELECT g AS id, repeat(md5(g::text), 8) AS s FROM generate_series(1, 20000) g;
     CREATE TABLE large (id int PRIMARY KEY, s text);
     INSERT INTO large SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
     CREATE TABLE small AS SELECT 1 AS id;`,
    "src",
  );
  rig = createRig(cluster);
  outcome = await rig.dump("src", { compression: "none" });
});

afterAll(() => cluster.stop());

/** Restores, and looks at the target once while the rows of a large table are on their way. */
async function whileLoading<T>(database: string, look: () => Promise<T>): Promise<T> {
  let seen: Promise<T> | undefined;
  const blobs: BlobStore = {
    ...rig.blobs,
    async *read(path, range) {
      if ((range?.length ?? 0) > 1024 * 1024) await (seen ??= look());
      yield* rig.blobs.read(path, range);
    },
  };
  const { mover } = createRig(cluster, { wrap: () => blobs });
  const control = { signal: new AbortController().signal, onProgress: () => {} };
  await mover.restoreDatabase(rig.request(outcome, database), control);
  if (seen === undefined) throw new Error("no large table was read");
  return seen;
}

const heldIn = (database: string): Promise<string> =>
  cluster.psql(
    `SELECT string_agg(c.relname, ', ' ORDER BY c.relname)
       FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
       JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
      WHERE l.mode = 'ShareUpdateExclusiveLock' AND l.granted`,
    database,
  );

describe("while a restore fills its tables", () => {
  it("keeps autovacuum off the large ones, as it skips what it cannot lock", async () => {
    const seen = await whileLoading("guarded", async () => ({
      held: (await heldIn("guarded")).trim(),
      // -1: nobody has looked at it yet.
      analyzed: await cluster.psql(
        `SET client_min_messages = error; ANALYZE (SKIP_LOCKED) large, small;
         SELECT relname, reltuples >= 0 FROM pg_class WHERE relname IN ('large', 'small') ORDER BY 1`,
        "guarded",
      ),
    }));
    expect(seen.held).toBe('big "one", large');
    expect(seen.analyzed.trim()).toBe("large|f\nsmall|t");
    expect((await heldIn("guarded")).trim()).toBe("");
    expect(await rig.differences("src", "guarded")).toEqual([]);
  });

  it("loses nothing else when the session with the locks is ended", async () => {
    const ended = await whileLoading("unguarded", () =>
      cluster.psql(
        `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
           FROM (SELECT DISTINCT pid FROM pg_locks
                  WHERE mode = 'ShareUpdateExclusiveLock' AND database =
                        (SELECT oid FROM pg_database WHERE datname = 'unguarded')) holders`,
      ),
    );
    expect(ended.trim()).toBe("1");
    expect(await rig.differences("src", "unguarded")).toEqual([]);
  });
});
