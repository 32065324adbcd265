import { readFile } from "node:fs/promises";
import { Client } from "pg";
import type { PostgresCluster } from "./postgres-cluster.ts";

export interface SampleOptions {
  /** Name of the database to create; need not be ASCII. */
  readonly name: string;
  /** Megabytes of rows, roughly; at least 1. */
  readonly sizeMb: number;
}

/** In this order: rows go in before indexes and triggers, as in a restore. */
const steps = ["schema.sql", "rows.sql", "finish.sql"] as const;
/** More than this takes minutes. */
const sizeLimitMb = 4096;
/** Measured: rows.sql makes 0.9 MB for each unit of sample.scale. */
const scalePerMb = 1.12;

/**
 * Creates the sample database: a shop, its ledger and its warehouse, with most kinds of object
 * that pg_dump knows. The same size makes the same content. Answers the size of its rows.
 */
export async function createSampleDatabase(
  cluster: Pick<PostgresCluster, "url">,
  options: SampleOptions,
): Promise<{ readonly rowBytes: number }> {
  if (!(options.sizeMb >= 1 && options.sizeMb <= sizeLimitMb)) {
    throw new RangeError(`sizeMb must be from 1 to ${sizeLimitMb}, not ${options.sizeMb}.`);
  }
  await withClient(cluster.url(), (client) =>
    client.query(`CREATE DATABASE ${client.escapeIdentifier(options.name)}`),
  );
  return withClient(cluster.url(options.name), async (client) => {
    const scale = String(Math.ceil(options.sizeMb * scalePerMb));
    await client.query("SELECT set_config('sample.scale', $1, false)", [scale]);
    for (const step of steps) await client.query(await sqlOf(step));
    await client.query("ANALYZE");
    return { rowBytes: await rowBytesOf(client) };
  });
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function sqlOf(step: (typeof steps)[number]): Promise<string> {
  return readFile(new URL(`sample-database/${step}`, import.meta.url), "utf8");
}

/** Tables with their TOAST, without indexes. */
async function rowBytesOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT sum(pg_table_size(oid)) AS bytes FROM pg_class
     WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
  );
  return Number(rows[0]?.bytes);
}
