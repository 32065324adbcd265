import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Comparison,
  compareDatabases,
  type DifferenceKind,
  presentDifference,
} from "../../../scripts/compare-databases.ts";
import { createSampleDatabase } from "../../../scripts/sample-database.ts";
import { type PostgresCluster, startCluster } from "../../support/postgres-cluster.ts";

const run = promisify(execFile);
let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await startCluster();
  await createSampleDatabase(cluster, { name: "source", sizeMb: 1 });
});
afterAll(() => cluster.stop());

const compareWith = (target: string): Promise<Comparison> =>
  compareDatabases(
    { ...cluster, database: "source" },
    { ...cluster, database: target },
    cluster.binaries.binDir,
  );

test("two samples made apart are equal in everything", async () => {
  await createSampleDatabase(cluster, { name: "made apart", sizeMb: 1 });
  const comparison = await compareWith("made apart");
  expect(comparison.differences).toEqual([]);
  expect(comparison.objectCount).toBeGreaterThan(60);
  expect(comparison.tables.get("ledger.entry")).toBeGreaterThan(2000);
  expect(comparison.tables.get("shop.voucher")).toBe(0);
  expect(comparison.sequenceCount).toBe(6);
  expect(comparison.largeObjectCount).toBe(23);
});

test("a dump and restore by PostgreSQL's own tools brings back an equal database", async () => {
  await cluster.psql(`CREATE DATABASE "by hand"`);
  const pipe = `"$BIN/pg_dump" -Fc -d source | "$BIN/pg_restore" -d "by hand" --exit-on-error`;
  await run("/bin/sh", ["-c", pipe], {
    env: {
      BIN: cluster.binaries.binDir,
      PGHOST: cluster.host,
      PGPORT: String(cluster.port),
      PGUSER: cluster.user,
      PGPASSWORD: cluster.password,
    },
  });
  expect((await compareWith("by hand")).differences).toEqual([]);
});

const changes: readonly [change: string, kind: DifferenceKind, object: string][] = [
  [`DELETE FROM shop.order_line WHERE line = 1 AND order_id = 7`, "row count", "shop.order_line"],
  [`UPDATE shop.product SET name = name || ' ' WHERE id = 1000`, "content", "shop.product"],
  [`UPDATE shop.awkward_value SET said = '' WHERE id = 2`, "content", "shop.awkward_value"],
  [`UPDATE shop.awkward_value SET floating = 0 WHERE id = 3`, "content", "shop.awkward_value"],
  [
    `UPDATE ledger.entry SET amount = x.amount FROM (VALUES (1, 9.99), (2, 9.99)) AS x (id, amount) WHERE entry.id = x.id`,
    "content",
    "ledger.entry",
  ],
  [`INSERT INTO shop.voucher VALUES ('X', '5')`, "row count", "shop.voucher"],
  [`DROP TRIGGER mark_change ON shop."order"`, "object", "TRIGGER shop.order mark_change"],
  [`DROP INDEX ledger.entry_booked_at`, "object", "INDEX ledger.entry_booked_at"],
  [
    `ALTER TABLE shop.order_line DROP CONSTRAINT order_line_product_id_fkey`,
    "object",
    "FK CONSTRAINT shop.order_line order_line_product_id_fkey",
  ],
  [
    `CREATE OR REPLACE FUNCTION shop.line_total(quantity integer, unit_price numeric) RETURNS numeric
       LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT round(quantity * unit_price, 3) $$`,
    "object",
    "FUNCTION shop.line_total(integer, numeric)",
  ],
  [
    `COMMENT ON COLUMN shop.customer.photo IS 'PNG'`,
    "object",
    "COMMENT shop.COLUMN customer.photo",
  ],
  [`ALTER TYPE shop.order_status ADD VALUE 'lost'`, "object", "TYPE shop.order_status"],
  [`CREATE TABLE public.extra (id integer)`, "object", "TABLE public.extra"],
  [`SELECT nextval('shop.invoice_number')`, "sequence", "shop.invoice_number"],
  [`SELECT setval('ledger.closing_number', -400, true)`, "sequence", "ledger.closing_number"],
  [`SELECT nextval('ledger.untouched')`, "sequence", "ledger.untouched"],
  [`REFRESH MATERIALIZED VIEW ledger.not_yet`, "populated", "ledger.not_yet"],
  [`REFRESH MATERIALIZED VIEW ledger.balance WITH NO DATA`, "populated", "ledger.balance"],
  [`SELECT lo_put(424301, 300000, '\\xff')`, "large object", "424301"],
  [`SELECT lo_unlink(424205)`, "large object", "424205"],
  [`SELECT lo_from_bytea(99, '\\x00')`, "large object", "99"],
  [`COMMENT ON LARGE OBJECT 424301 IS NULL`, "large object", "424301"],
];

test.for(changes)("finds the one difference after %s", async ([change, kind, object]) => {
  await cluster.psql(`CREATE DATABASE changed TEMPLATE source`);
  try {
    await cluster.psql(change, "changed");
    const { differences } = await compareWith("changed");
    expect(differences).toContainEqual(expect.objectContaining({ kind, object }));
    expect(differences.every((difference) => isAbout(object, difference.object))).toBe(true);
    expect(differences.map(presentDifference).join("\n")).toContain(object);
  } finally {
    await cluster.psql("DROP DATABASE changed");
  }
});

test("finds another encoding and collation", async () => {
  await cluster.psql(`CREATE DATABASE latin ENCODING 'SQL_ASCII' TEMPLATE template0`);
  const { differences } = await compareWith("latin");
  expect(differences).toContainEqual({
    kind: "database",
    object: "encoding",
    source: "UTF8",
    target: "SQL_ASCII",
  });
});

/** A changed table may show as definition and as rows; nothing else may be named. */
function isAbout(object: string, named: string): boolean {
  const bare = (text: string) => text.replace(/^[A-Z ]+ /, "");
  return bare(named).includes(bare(object)) || bare(object).includes(bare(named));
}
