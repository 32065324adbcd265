import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readContents } from "../../scripts/compare/contents.ts";
import { ensurePostgres } from "../../scripts/find-postgres.ts";
import { createRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { zooRolesSql, zooSql } from "../adapters/postgres/mover/zoo.ts";
import { type OtherMajor, otherMajors, startClusterOf } from "../support/other-majors.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

/** Client tools stand beside the newest server of the machine: only newer ones are foreign to it. */
const own = await ensurePostgres();
const newer = otherMajors.filter((major) => major > own.major);
let source: PostgresCluster;

beforeAll(async () => {
  source = await startCluster();
  await source.psql("CREATE DATABASE zoo");
  await source.psql(zooRolesSql);
  await source.psql(zooSql(), "zoo");
});

afterAll(() => source.stop());

const withOther = async (
  major: OtherMajor,
  use: (cluster: PostgresCluster) => Promise<void>,
): Promise<void> => {
  const cluster = await startClusterOf(major);
  try {
    await use(cluster);
  } finally {
    await cluster.stop();
  }
};

describe(`a recovery point of PostgreSQL ${own.major}`, () => {
  it.each(newer)("comes back equal on PostgreSQL %i", (major) =>
    withOther(major, async (target) => {
      await target.psql(zooRolesSql);
      const rig = createRig(source, { targetCluster: target });
      const restored = await rig.restore(await rig.dump("zoo"), "zoo");

      expect(restored.warnings).toEqual([]);
      expect(await target.psql("SHOW server_version")).toMatch(new RegExp(`^${major}\\.`));
      const contents = (cluster: PostgresCluster) => readContents({ ...cluster, database: "zoo" });
      const wanted = await contents(source);
      expect(wanted.checksums.size).toBeGreaterThan(25);
      expect(await contents(target)).toEqual(wanted);
      // pg_dump 15 does not read newer servers: definitions are compared by catalog.
      const defined = await definitions(source);
      expect(defined).toContain("EXCLUDE USING gist (during WITH &&)");
      expect(await definitions(target)).toBe(defined);
    }),
  );

  it("is refused on an older server, before anything is made there", async () => {
    const rig = createRig(source);
    const request = rig.request(await rig.dump("zoo"), "never");
    const fromAbove = {
      ...request,
      source: { ...request.source, serverVersion: `${own.major + 1}.2` },
    };
    await expect(rig.mover.restoreDatabase(fromAbove, quietControl())).rejects.toMatchObject({
      fault: { code: "UserErrorRestoreToLowerVersion" },
    });
    expect(await source.psql("SELECT datname FROM pg_database")).not.toContain("never");
  });

  it.each(newer)("is not taken of PostgreSQL %i, which is newer than every client", (major) =>
    withOther(major, async (cluster) => {
      const rig = createRig(cluster);
      await expect(rig.dump("postgres")).rejects.toMatchObject({
        fault: {
          code: "UserErrorUnsupportedServerVersion",
          recommendedAction: expect.arrayContaining([`apt-get install postgresql-client-${major}`]),
        },
      });
      expect(rig.blobs.paths()).toEqual([]);
    }),
  );
});

/**
 * Constraints (but for NOT NULL, which only 18 keeps as constraints), validity of indexes, columns,
 * triggers, policies, views and comments, each as the server itself writes it.
 */
const definitions = (cluster: PostgresCluster): Promise<string> =>
  cluster.psql(
    `WITH ours AS (SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity
       FROM pg_class c WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)')
     SELECT 'relation', name, relkind::text, format('%s %s', relpersistence, obj_description(oid, 'pg_class')), relrowsecurity, relforcerowsecurity FROM ours
     UNION ALL SELECT 'constraint', name, conname, pg_get_constraintdef(k.oid), convalidated, condeferred FROM pg_constraint k JOIN ours ON ours.oid = conrelid WHERE contype <> 'n'
     UNION ALL SELECT 'index', name, indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid, indisunique FROM pg_index JOIN ours ON ours.oid = indrelid
     UNION ALL SELECT 'column', name, attname, format('%s %s %s %s', format_type(atttypid, atttypmod), attidentity, attgenerated, pg_get_expr(adbin, adrelid)), attnotnull, atthasdef
       FROM pg_attribute a JOIN ours ON ours.oid = attrelid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped AND relkind NOT IN ('i', 'I', 'S')
     UNION ALL SELECT 'trigger', name, tgname, pg_get_triggerdef(t.oid), tgisinternal, false FROM pg_trigger t JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
     UNION ALL SELECT 'policy', name, polname, pg_get_expr(polqual, polrelid), polpermissive, false FROM pg_policy JOIN ours ON ours.oid = polrelid
     UNION ALL SELECT 'sequence', name, format_type(seqtypid, NULL), format('%s %s %s', seqstart, seqincrement, seqmax), seqcycle, false FROM pg_sequence JOIN ours ON ours.oid = seqrelid
     ORDER BY 1, 2, 3, 4`,
    "zoo",
  );
