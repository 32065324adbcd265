import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DumpOutcome } from "../../src/ports/data-mover.ts";
import { createRig, type MoverRig } from "../adapters/postgres/mover/mover-rig.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;
let rig: MoverRig;
let outcome: DumpOutcome;
let databases = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE src");
  await cluster.psql(
    `CREATE SCHEMA shop; CREATE SCHEMA lib; CREATE SCHEMA audit; CREATE EXTENSION citext WITH SCHEMA lib;
     CREATE TYPE lib.mood AS ENUM ('sad', 'happy');
     CREATE FUNCTION lib.plus(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
     CREATE TABLE shop.customer (id serial PRIMARY KEY, name lib.citext UNIQUE, mood lib.mood DEFAULT 'happy');
     CREATE TABLE shop.orders (id int PRIMARY KEY, customer int REFERENCES shop.customer, more int DEFAULT lib.plus(1))
       PARTITION BY RANGE (id);
     CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES FROM (0) TO (1000);
     CREATE INDEX ON shop.orders (customer);
     CREATE TABLE audit.trail (id int PRIMARY KEY, customer int REFERENCES shop.customer, line text);
     CREATE VIEW audit.joined AS SELECT t.line, c.name FROM audit.trail t JOIN shop.customer c ON c.id = t.customer;
     COMMENT ON TABLE audit.trail IS 'a trail';
     INSERT INTO shop.customer (name) SELECT 'c' || g FROM generate_series(1, 50) g;
     INSERT INTO shop.orders SELECT g, 1 + g % 50 FROM generate_series(1, 500) g;
     INSERT INTO audit.trail SELECT g, 1 + g % 50, 'x' FROM generate_series(1, 70) g;`,
    "src",
  );
  rig = createRig(cluster);
  outcome = await rig.dump("src");
});

afterAll(() => cluster.stop());

type Settings = Parameters<MoverRig["restore"]>[2];

const restored = async (settings: Settings) => {
  databases += 1;
  const database = `part_${databases}`;
  const { warnings, rows } = await rig.restore(outcome, database, settings);
  const relations = await cluster.psql(
    `SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid::regclass::text) FROM pg_class c
     WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace::regnamespace::text IN ('shop', 'audit', 'lib')`,
    database,
  );
  return { database, warnings, rows, relations: relations.trim() };
};

describe("restoring a part", () => {
  it("brings a schema with the types, functions and extensions it needs", async () => {
    const part = await restored({ onlySchemas: ["shop"] });
    expect(part.relations).toBe("shop.customer shop.orders shop.orders_1");
    expect(part.warnings).toEqual([]);
    expect(part.rows).toBe(550);
    const sequence = await cluster.psql(
      "SELECT last_value FROM shop.customer_id_seq",
      part.database,
    );
    expect(sequence.trim()).toBe("50");
    const keys = await cluster.psql(
      "SELECT count(*) FROM pg_constraint WHERE contype = 'f'",
      part.database,
    );
    expect(keys.trim()).toBe("2");
  });

  it("leaves out what needs relations that were not chosen, and says so", async () => {
    const part = await restored({ onlySchemas: ["audit"] });
    expect(part.relations).toBe("audit.trail");
    expect(part.rows).toBe(70);
    expect(part.warnings).toHaveLength(2);
    expect(part.warnings.join(" ")).toMatch(/VIEW audit\.joined.*FK CONSTRAINT audit\.trail/s);
    const comment = await cluster.psql(
      "SELECT obj_description('audit.trail'::regclass)",
      part.database,
    );
    expect(comment.trim()).toBe("a trail");
  });

  it("brings single tables with indexes, sequences and partitions", async () => {
    const part = await restored({ onlyTables: ["shop.orders", "customer"] });
    expect(part.relations).toBe("shop.customer shop.orders shop.orders_1");
    expect(part.rows).toBe(550);
    expect(part.warnings).toEqual([]);
    const indexes = await cluster.psql(
      "SELECT count(*) FROM pg_indexes WHERE schemaname = 'shop'",
      part.database,
    );
    expect(Number(indexes)).toBe(6);
  });

  it("leaves out large objects, and says so", async () => {
    await cluster.psql(`CREATE DATABASE pictures`);
    await cluster.psql(
      `CREATE TABLE album AS SELECT lo_from_bytea(0, 'picture') AS picture; CREATE TABLE other ()`,
      "pictures",
    );
    const pictures = createRig(cluster);
    const dumped = await pictures.dump("pictures");
    const part = await pictures.restore(dumped, "album_only", { onlyTables: ["album"] });
    expect(part.warnings).toEqual([expect.stringMatching(/^Large objects were left out/)]);
    const counts =
      "SELECT (SELECT count(*) FROM album), (SELECT count(*) FROM pg_largeobject_metadata)";
    expect(await cluster.psql(counts, "album_only")).toBe("1|0");
    expect((await pictures.restore(dumped, "album_whole")).warnings).toEqual([]);
    expect(await cluster.psql(counts, "album_whole")).toBe("1|1");
  });

  it("brings the schema without data", async () => {
    const part = await restored({ schemaOnly: true });
    expect(part.relations).toBe("audit.joined audit.trail shop.customer shop.orders shop.orders_1");
    expect(part.rows).toBe(0);
    expect((await cluster.psql("SELECT count(*) FROM shop.customer", part.database)).trim()).toBe(
      "0",
    );
  });
});

describe("restoring the schema of a database with large objects", () => {
  it("leaves them out with all that is said of them, as pg_restore --schema-only does", async () => {
    await cluster.psql("CREATE DATABASE album");
    await cluster.psql(
      `CREATE ROLE painter; CREATE TABLE picture (id int PRIMARY KEY, image oid);
       INSERT INTO picture VALUES (1, lo_from_bytea(4242, 'abc'));
       COMMENT ON LARGE OBJECT 4242 IS 'a picture'; GRANT SELECT ON LARGE OBJECT 4242 TO painter;
       CREATE MATERIALIZED VIEW pictures AS SELECT count(*) FROM picture;`,
      "album",
    );
    const own = createRig(cluster);
    const dumped = await own.dump("album");
    const settings = { schemaOnly: true, keepOwners: true, keepPrivileges: true };
    const { warnings } = await own.restore(dumped, "frames", settings);
    expect(warnings).toEqual([]);
    const left = await cluster.psql(
      `SELECT (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM picture),
              (SELECT relispopulated FROM pg_class WHERE relname = 'pictures')`,
      "frames",
    );
    expect(left.trim()).toBe("0|0|f");
  });
});

describe("backing up a part", () => {
  const tablesOf = async (settings: Parameters<MoverRig["dump"]>[1]) => {
    const { archive } = await createRig(cluster).dump("src", settings);
    return archive.files
      .flatMap(({ table }) => (table ? [`${table.schema}.${table.name}`] : []))
      .sort();
  };

  it.each([
    [{ excludeSchemas: ["audit"] }, ["shop.customer", "shop.orders_1"]],
    [{ excludeTables: ["shop.ord*", "audit.*"] }, ["shop.customer"]],
    [{ excludeTableData: ["shop.customer"] }, ["audit.trail", "shop.orders_1"]],
  ])("leaves out %j", async (settings, tables) => {
    expect(await tablesOf(settings)).toEqual(tables);
  });

  it("does not wait for locks on what is left out", async () => {
    const { holdLock } = await import("../support/hold-lock.ts");
    const release = await holdLock(cluster, "src", "audit.trail");
    try {
      expect(await tablesOf({ excludeSchemas: ["audit"] })).toHaveLength(2);
    } finally {
      await release();
    }
  });
});
