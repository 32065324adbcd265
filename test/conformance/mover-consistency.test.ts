import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRig } from "../adapters/postgres/mover/mover-rig.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster.stop());

describe("a dump under load", () => {
  it("reads one moment of all tables, though money moves between them all the time", async () => {
    await cluster.psql("CREATE DATABASE bank");
    await cluster.psql(
      `CREATE TABLE a (id int PRIMARY KEY, money bigint, pad text); CREATE TABLE b (LIKE a INCLUDING ALL);
       CREATE TABLE moves (at timestamptz DEFAULT clock_timestamp(), amount int);
       INSERT INTO a SELECT g, 1000, repeat(md5(g::text), 30) FROM generate_series(1, 100000) g;
       INSERT INTO b SELECT * FROM a`,
      "bank",
    );
    let stop = false;
    let moved = 0;
    const writer = async (seed: number): Promise<void> => {
      const client = new Client({ connectionString: cluster.url("bank") });
      await client.connect();
      for (let turn = seed; !stop; turn += 2) {
        const id = 1 + ((turn * 7919) % 100_000);
        await client.query(
          `BEGIN; UPDATE a SET money = money - 10 WHERE id = ${id}; UPDATE b SET money = money + 10 WHERE id = ${100_001 - id};
           INSERT INTO moves (amount) VALUES (10); COMMIT`,
        );
        moved += 1;
      }
      await client.end();
    };
    const writers = [writer(1), writer(2)];
    try {
      for (const round of [1, 2]) {
        const before = moved;
        const rig = createRig(cluster);
        const outcome = await rig.dump("bank", { connections: 3 });
        expect(moved).toBeGreaterThan(before);
        await rig.restore(outcome, `bank_${round}`);
        const sums = await cluster.psql(
          `SELECT (SELECT sum(money) FROM a) + (SELECT sum(money) FROM b),
             (SELECT sum(money) FROM b) - 100000000 = 10 * (SELECT count(*) FROM moves)`,
          `bank_${round}`,
        );
        expect(sums.trim()).toBe("200000000|t");
      }
    } finally {
      stop = true;
      await Promise.all(writers);
    }
  });
});

describe("odd encodings", () => {
  it.each([
    ["LATIN1", "E'\\xe9\\xff'"],
    ["SQL_ASCII", "E'\\xe9\\xc3\\x28'"],
    ["EUC_JP", "E'\\xc6\\xfc\\xcb\\xdc'"],
  ])("%s comes back byte for byte, in names too", async (encoding, literal) => {
    const source = `enc_${encoding.toLowerCase()}`;
    await cluster.psql(
      `CREATE DATABASE ${source} ENCODING '${encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await cluster.psql(
      `SET client_encoding = '${encoding}';
       CREATE TABLE t (a text); INSERT INTO t SELECT ${literal} || g FROM generate_series(1, 500) g;
       DO $$ BEGIN EXECUTE format('CREATE TABLE %I (x int PRIMARY KEY)', 'n' || ${literal}); END $$;
       DO $$ BEGIN EXECUTE format('INSERT INTO %I VALUES (1)', 'n' || ${literal}); END $$`,
      source,
    );
    const rig = createRig(cluster);
    const outcome = await rig.dump(source);
    await rig.restore(outcome, `${source}_back`);
    const digest = `SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database();
      SELECT md5(string_agg(md5(a), '' ORDER BY a COLLATE "C")) FROM t;
      SELECT md5(relname::text) FROM pg_class WHERE relname LIKE 'n%' AND relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace ORDER BY 1`;
    expect(await cluster.psql(digest, `${source}_back`)).toBe(await cluster.psql(digest, source));
    expect(outcome.archive.files.filter((file) => file.rows === 1)).toHaveLength(1);
  });
});
