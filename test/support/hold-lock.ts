import { Client } from "pg";
import type { PostgresCluster } from "./postgres-cluster.ts";

/** Locks a table against readers, so that a dump waits there; call the answer to let it go. */
export async function holdLock(
  cluster: PostgresCluster,
  database: string,
  table: string,
): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: cluster.url(database) });
  // A restarted server ends this session; the lock is gone then too.
  client.on("error", () => {});
  await client.connect();
  await client.query("BEGIN");
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return () => client.end();
}
