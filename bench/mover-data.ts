import { Client } from "pg";

/**
 * A database as real ones are: half of it in one table of JSON documents, five middling tables, two
 * hundred small ones, partitions and large objects. `scale` 1 is about 800 MB as COPY text. What is
 * random in real tables is mostly keys and digests, hexadecimal in COPY text; the mixture compresses
 * as the database of the reference figures does (zstd -1 to 0.34 and gzip -6 to 0.38 of the text).
 */
export async function createRealisticDatabase(url: string, scale: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements(scale)) await client.query(statement);
  } finally {
    await client.end();
  }
}

const count = (scale: number, rows: number): number => Math.max(1, Math.round(rows * scale));

/** Prose of some thousand made-up words, the short ones more often, with a hash now and then. */
const prose = (seed: string, words: number): string => `(
  SELECT string_agg(CASE WHEN h % 9 = 0 THEN substr(md5(h::text), 1, 10)
      ELSE substr('lorentamquisbureauzüricheldorinaktivebasperofinolutcargentisma', 1 + h % 47, 3 + h % 6) END, ' ')
  FROM generate_series(1, ${words}) w, LATERAL (SELECT hashint8((${seed})::bigint * 1000 + w) & 2147483647 AS h) AS hash)`;

function* statements(scale: number): Generator<string> {
  yield "SET synchronous_commit = off; CREATE SCHEMA app; CREATE SCHEMA small; CREATE SCHEMA parts";
  yield `CREATE TABLE app.events AS SELECT g::bigint AS id, timestamptz '2024-01-01' + g * interval '7.31 s' AS at,
      jsonb_build_object('kind', (ARRAY['click','view','buy','return'])[1 + g % 4], 'session', md5((g / 3)::text)::uuid,
        'trace', md5(g::text || 'trace'), 'amount', round((hashint8(g) & 65535) / 100.0, 2), 'tags', jsonb_build_array('t' || g % 50, 't' || g % 7),
        'ip', '10.' || (hashint8(g / 5) & 255) || '.' || (hashint8(g / 7) & 255) || '.' || g % 256,
        'note', ${prose("g", 6)}) AS payload, sha512(g::text::bytea) AS signature
    FROM generate_series(1, ${count(scale, 1_200_000)}) g`;
  for (let table = 1; table <= 5; table += 1) {
    yield `CREATE TABLE app.medium_${table} AS SELECT g AS id, g % 1000 AS owner, round((hashint8(g * ${table}) & 1048575) / 100.0, 2) AS price,
        (ARRAY['open','paid','shipped','returned'])[1 + (hashint8(g) & 3)] AS state, md5((g * ${table})::text)::uuid AS reference,
        timestamptz '2020-01-01' + g * interval '37.3 s' AS ordered_at, ${prose(`(g * ${table}) % 400`, 6)} AS article
      FROM generate_series(1, ${count(scale, 400_000)}) g`;
    yield `ALTER TABLE app.medium_${table} ADD PRIMARY KEY (id); CREATE INDEX ON app.medium_${table} (owner)`;
  }
  yield "ALTER TABLE app.events ADD PRIMARY KEY (id); CREATE INDEX ON app.events (at)";
  yield `DO $$ BEGIN FOR i IN 1..200 LOOP
      EXECUTE format('CREATE TABLE small.t%s (id int PRIMARY KEY, name text, at timestamptz DEFAULT now())', i);
      EXECUTE format('INSERT INTO small.t%s SELECT g, md5(g::text) FROM generate_series(1, %s) g', i, (i * 13) % 900);
    END LOOP; END $$`;
  yield `CREATE TABLE parts.log (id int, day date, line text) PARTITION BY RANGE (day);
    DO $$ BEGIN FOR i IN 0..23 LOOP
      EXECUTE format('CREATE TABLE parts.log_%s PARTITION OF parts.log FOR VALUES FROM (%L) TO (%L)',
        i, date '2024-01-01' + i * 30, date '2024-01-01' + (i + 1) * 30);
    END LOOP; END $$`;
  yield `INSERT INTO parts.log SELECT g, date '2024-01-01' + g % 720, ${prose("g", 10)}
    FROM generate_series(1, ${count(scale, 500_000)}) g`;
  yield `SELECT count(lo_from_bytea(0, convert_to(repeat(md5(g::text), 6000), 'UTF8')))
    FROM generate_series(1, ${count(scale, 100)}) g`;
  yield "CREATE MATERIALIZED VIEW app.totals AS SELECT owner, sum(price) FROM app.medium_1 GROUP BY 1";
  yield "ANALYZE";
}
