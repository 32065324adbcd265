import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRig } from "../adapters/postgres/mover/mover-rig.ts";
import { zooRolesSql, zooSql } from "../adapters/postgres/mover/zoo.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE zoo");
  await cluster.psql(zooRolesSql);
  await cluster.psql(zooSql(), "zoo");
});

afterAll(() => cluster.stop());

describe("a database with every kind of object", () => {
  it.each([
    { compression: "zstd", compressionLevel: 1, connections: 3 },
    { compression: "gzip", compressionLevel: 1, connections: 2 },
    { compression: "none", compressionLevel: 0, connections: 1 },
  ] as const)(
    "comes back equal through $compression with $connections connections",
    async (form) => {
      const rig = createRig(cluster);
      const target = `zoo_${form.compression}`;
      const outcome = await rig.dump("zoo", form);
      const restored = await rig.restore(outcome, target, { connections: form.connections });

      expect(await rig.differences("zoo", target)).toEqual([]);
      expect(restored.warnings).toEqual([]);
      expect(await grants(target)).toBe(await grants("zoo"));
      expect(outcome.archive.packs).toHaveLength(form.connections);
    },
  );

  it("loses owners, grants and comments when told so", async () => {
    const rig = createRig(cluster);
    const outcome = await rig.dump("zoo");
    await rig.restore(outcome, "zoo_bare", {
      keepOwners: false,
      keepPrivileges: false,
      keepComments: false,
    });

    const found = await cluster.psql(
      `SELECT relowner::regrole, relacl IS NULL, obj_description('views_and_code.t'::regclass) IS NULL
       FROM pg_class WHERE oid = 'grants.g'::regclass`,
      "zoo_bare",
    );
    expect(found.trim()).toBe("postgres|t|t");
  });

  it("counts the rows of every table", async () => {
    const { archive } = await createRig(cluster).dump("zoo");
    const rows = new Map(
      archive.files.flatMap((file) =>
        file.table === undefined ? [] : [[`${file.table.schema}.${file.table.name}`, file.rows]],
      ),
    );
    expect(rows.get("identity_and_generated.t")).toBe(500);
    expect(rows.get("without_columns.lost")).toBe(3);
    expect(rows.get("without_columns.emptied")).toBe(0);
    expect(rows.get("partitions.m_other")).toBe(467);
    expect(rows.has("partitions.m")).toBe(false);
    expect(rows.has("foreign_tables.passwd")).toBe(false);
  });
});

const grants = (database: string): Promise<string> =>
  cluster.psql(
    `SELECT c.oid::regclass, c.relowner::regrole, c.relacl, (SELECT array_agg(a.attname || a.attacl::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
     FROM pg_class c WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information)' ORDER BY c.oid::regclass::text;
     SELECT defaclrole::regrole, defaclacl FROM pg_default_acl`,
    database,
  );
