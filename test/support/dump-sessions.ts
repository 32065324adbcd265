import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PostgresCluster } from "./postgres-cluster.ts";

const waitLimitMs = 30_000;
const pollMs = 5;

/** Resolves as soon as pgvault moves rows (COPY) on this server, in either direction. */
export async function untilCopying(cluster: PostgresCluster): Promise<void> {
  await withClient(cluster, async (client) => {
    await repeat(client, `SELECT count(*)::int AS found FROM pg_stat_activity WHERE ${copying}`);
  });
}

/** Ends, from the server's side, every session that moves rows; at least one. */
export async function terminateCopies(cluster: PostgresCluster): Promise<void> {
  await withClient(cluster, async (client) => {
    await repeat(
      client,
      `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))::int AS found
       FROM pg_stat_activity WHERE ${copying}`,
    );
  });
}

/** Sessions that pgvault has open. */
export async function pgvaultSessions(cluster: PostgresCluster): Promise<number> {
  return Number(
    await cluster.psql(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgvault%'",
    ),
  );
}

const copying = `application_name LIKE 'pgvault%' AND state = 'active' AND query ~* '^\\s*COPY'`;

async function repeat(client: Client, query: string): Promise<void> {
  const deadlineMs = Date.now() + waitLimitMs;
  while (Date.now() < deadlineMs) {
    const { rows } = await client.query<{ found: number }>(query);
    if ((rows[0]?.found ?? 0) > 0) return;
    await sleep(pollMs);
  }
  throw new Error(`Nothing was copied within ${waitLimitMs} ms.`);
}

async function withClient(
  cluster: PostgresCluster,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: cluster.url() });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
