import { Client } from "pg";
import type { DatabaseAddress } from "../compare-databases.ts";

/** What a database holds, by the name of the object that holds it. */
export interface Contents {
  /** Encoding and collation. */
  readonly properties: ReadonlyMap<string, string>;
  readonly rowCounts: ReadonlyMap<string, number>;
  /** Of tables and populated materialized views; the order of rows does not matter. */
  readonly checksums: ReadonlyMap<string, string>;
  /** Of materialized views. */
  readonly populated: ReadonlyMap<string, string>;
  readonly sequences: ReadonlyMap<string, string>;
  readonly largeObjects: ReadonlyMap<string, string>;
}

interface Relation {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly kind: "r" | "m" | "S";
  readonly populated: boolean;
}

/** Read at a time of a large object, so that one of gigabytes never lies in memory whole. */
const largeObjectChunkBytes = 1024 * 1024;

/** The text of a value, and so its checksum, depends on these. */
const settings = `
  SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';
  SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content';
  SET search_path = pg_catalog; SET row_security = off; SET lc_monetary = 'C';
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`;

/** Reads one database in one snapshot. Rows are hashed on the server and never leave it. */
export async function readContents(address: DatabaseAddress): Promise<Contents> {
  const { host, port, user, password, database } = address;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    await client.query(settings);
    const relations = await readRelations(client);
    const views = relations.filter(({ kind }) => kind === "m");
    const tables = relations.filter(({ kind, populated }) => kind !== "S" && populated);
    const figures = await readRows(client, tables);
    return {
      properties: await readProperties(client),
      rowCounts: new Map(figures.map(({ name, rows }) => [name, rows])),
      checksums: new Map(figures.map(({ name, checksum }) => [name, checksum])),
      populated: new Map(views.map(({ name, populated }) => [name, String(populated)])),
      sequences: await readSequences(
        client,
        relations.filter(({ kind }) => kind === "S"),
      ),
      largeObjects: await readLargeObjects(client),
    };
  } finally {
    await client.end();
  }
}

/** Partitioned tables hold no rows themselves; their leaves are ordinary tables. */
async function readRelations(client: Client): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind AS kind, c.relispopulated AS populated
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 'S') AND c.relpersistence <> 't'
       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
     ORDER BY 1`,
  );
  return rows;
}

/** A sum of 64-bit hashes: blind to order, not to doubled rows; NULL and '' differ in a row's text. */
async function readRows(client: Client, tables: readonly Relation[]) {
  const figures: { name: string; rows: number; checksum: string }[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ count: string; checksum: string }>(
      `SELECT count(*) AS count,
              coalesce(sum(hashtextextended(whole::text COLLATE "C", 0)), 0) AS checksum
       FROM ONLY ${name} AS whole`,
    );
    figures.push({ name, rows: Number(rows[0]?.count), checksum: String(rows[0]?.checksum) });
  }
  return figures;
}

async function readProperties(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ encoding: string; collation: string }>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate || ', ' || datctype AS collation
     FROM pg_database WHERE datname = current_database()`,
  );
  return new Map(Object.entries(rows[0] ?? {}));
}

async function readSequences(
  client: Client,
  sequences: readonly Relation[],
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const { name } of sequences) {
    const { rows } = await client.query<{ value: string }>(
      `SELECT last_value || CASE WHEN is_called THEN ' (used)' ELSE ' (unused)' END AS value FROM ${name}`,
    );
    values.set(name, String(rows[0]?.value));
  }
  return values;
}

/** By chunks through lo_get, which reads a hole as zeros: a restore fills holes with zeros. */
async function readLargeObjects(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `SELECT m.oid AS name,
            format('%s bytes, md5 %s%s', size.bytes, content.digest,
                   ', comment ' || obj_description(m.oid, 'pg_largeobject')) AS value
     FROM pg_largeobject_metadata AS m,
          LATERAL (SELECT coalesce((SELECT pageno::bigint * current_setting('block_size')::bigint / 4 + length(data)
                                    FROM pg_largeobject WHERE loid = m.oid ORDER BY pageno DESC LIMIT 1), 0) AS bytes) AS size,
          LATERAL (SELECT md5(coalesce(string_agg(md5(lo_get(m.oid, chunk, ${largeObjectChunkBytes})), '' ORDER BY chunk), '')) AS digest
                   FROM generate_series(0, size.bytes - 1, ${largeObjectChunkBytes}) AS chunk) AS content`,
  );
  return new Map(rows.map(({ name, value }) => [String(name), value]));
}
