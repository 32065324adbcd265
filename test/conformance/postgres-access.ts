import { randomBytes } from "node:crypto";
import { createClientTools } from "../../src/adapters/postgres/client-tools.ts";
import { withClient } from "../../src/adapters/postgres/connect.ts";
import { withLibpqEnvironment } from "../../src/adapters/postgres/libpq-environment.ts";
import { runTool, type ToolResult } from "../../src/adapters/postgres/run-tool.ts";
import { quoteIdentifier } from "../../src/adapters/postgres/sql-text.ts";
import { type DatabaseConnection, Secret } from "../../src/domain/connection.ts";
import type { PostgresCluster } from "../support/postgres-cluster.ts";

/** A role with a password and a database of its own, both fresh. */
export interface Access {
  readonly role: string;
  readonly database: string;
  readonly connection: DatabaseConnection;
  /** Runs SQL in the database as superuser; several statements may commit one by one. */
  readonly admin: (sql: string) => Promise<void>;
}

export const tools = createClientTools();
let count = 0;

export function superuserConnection(
  cluster: PostgresCluster,
  database = "postgres",
): DatabaseConnection {
  const { host, port, user, password } = cluster;
  return { host, port, user, password: new Secret(password), sslMode: "disable", database };
}

/** `name` is used in the names of role and database, which hold capitals, spaces and quotes. */
export async function freshAccess(cluster: PostgresCluster, name = "it's"): Promise<Access> {
  count += 1;
  const role = `back-up@"${name}" ${count}`;
  const database = `Shop "${name}" ${count}`;
  const password = randomBytes(6).toString("hex");
  await withClient(superuserConnection(cluster), {}, async (client) => {
    await client.query(`CREATE ROLE ${quoteIdentifier(role)} LOGIN PASSWORD '${password}'`);
    await client.query(`CREATE DATABASE ${quoteIdentifier(database)}`);
  });
  const connection = superuserConnection(cluster, database);
  return {
    role,
    database,
    connection: { ...connection, user: role, password: new Secret(password) },
    admin: (sql) =>
      withClient(connection, {}, async (client) => {
        await client.query(sql);
      }),
  };
}

/** Schema and data, as a backup reads them. */
export async function pgDump(connection: DatabaseConnection): Promise<ToolResult> {
  const [found] = await tools.installed();
  if (found === undefined) throw new Error("no client tools installed");
  return withLibpqEnvironment(connection, {}, (libpq) =>
    runTool({
      file: found.pgDump,
      args: ["--format=custom", "--compress=0", "--no-password", `--dbname=${libpq.dbname}`],
      env: libpq.env,
    }),
  );
}
