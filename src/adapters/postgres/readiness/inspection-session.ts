import type pg from "pg";
import type { DatabaseConnection } from "../../../domain/connection.ts";
import { withClient } from "../connect.ts";

/** No single question of a check may take longer; 50,000 relations take about a second. */
const statementTimeoutMs = 60_000;

/** Connects for reading only, with names resolved in pg_catalog alone and every query bounded. */
export const inspecting = <T>(
  connection: DatabaseConnection,
  timeoutMs: number | undefined,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  // At login already: a database may have a limit that even the statement lifting it would exceed.
  const sessionOptions = `-c statement_timeout=${statementTimeoutMs}`;
  const options = { sessionOptions, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  return withClient(connection, options, async (client) => {
    await client.query(
      `SET search_path = ''; SET default_transaction_read_only = on; SET statement_timeout = ${statementTimeoutMs}; SET row_security = on`,
    );
    return use(client);
  });
};
