import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { quoteIdentifier, quoteLiteral } from "../../../../src/adapters/postgres/sql-text.ts";
import type { PostgresCluster } from "../../../support/postgres-cluster.ts";

const run = promisify(execFile);

/** What stock tools say and do, whatever limits the database has set for its sessions. */
export interface StockTools {
  /** All that pg_dump --create says of the database itself, under the name NAME. */
  properties(database: string): Promise<string>;
  /** As another session would see it. */
  commentOn(database: string): Promise<string>;
  psql(database: string, ...args: string[]): Promise<string>;
  pgRestore(database: string, ...args: string[]): Promise<string>;
}

export function createStockTools(cluster: PostgresCluster): StockTools {
  const tool = async (name: string, database: string, args: string[]): Promise<string> => {
    const dbname = database.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
    const { stdout } = await run(
      join(cluster.binaries.binDir, name),
      [`--dbname=dbname='${dbname}'`, ...args],
      {
        env: {
          PGHOST: cluster.host,
          PGPORT: String(cluster.port),
          PGUSER: cluster.user,
          PGPASSWORD: cluster.password,
          PGCLIENTENCODING: "UTF8",
          PGOPTIONS: "-c statement_timeout=0 -c lock_timeout=0",
        },
      },
    );
    return stdout;
  };
  return {
    properties: async (database) => {
      const args = ["--create", "--schema-only", "--exclude-schema=*"];
      const text = (await tool("pg_dump", database, args))
        .replaceAll(quoteIdentifier(database), "NAME")
        .replaceAll(` ${database} `, " NAME ");
      const own = /^(?:ALTER|GRANT|REVOKE|COMMENT ON|CREATE) .*\bNAME\b[^;]*;$/gm;
      return (text.match(own) ?? []).join("\n");
    },
    commentOn: async (database) => {
      const name = quoteLiteral(database);
      const sql = `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ${name}`;
      return (await cluster.psql(sql)).trim();
    },
    psql: (database, ...args) => tool("psql", database, ["-XAtq", ...args]),
    pgRestore: (database, ...args) => tool("pg_restore", database, args),
  };
}
