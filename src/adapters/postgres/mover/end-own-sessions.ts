import type { DatabaseConnection } from "../../../domain/connection.ts";
import { applicationName, withClient } from "../connect.ts";

const attempts = 20;
const betweenAttemptsMs = 100;

/**
 * Ends every session of this job on the database's server, our cut connections among them: a backend
 * that waits for a lock or computes does not notice that its client is gone.
 */
export async function endOwnSessions(connection: DatabaseConnection, jobId: string): Promise<void> {
  await withClient(connection, {}, async (client) => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const { rowCount } = await client.query(
        `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
         WHERE application_name = $1 AND usename = current_user AND pid <> pg_catalog.pg_backend_pid()`,
        [applicationName(jobId)],
      );
      if (rowCount === 0) return;
      await new Promise((resolve) => setTimeout(resolve, betweenAttemptsMs));
    }
  });
}
