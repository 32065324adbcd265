import type { DatabaseConnection, ServerConnection } from "../domain/connection.ts";
import type { Fault } from "../domain/fault.ts";
import type { ManifestSource } from "../domain/manifest.ts";

/** What pgvault asks of a PostgreSQL server outside of moving data. */
export interface DatabaseServers {
  /**
   * Everything that would make a backup of this database fail, all at once; empty when ready.
   * Never rejects for a user's problem: reachability and login come back as faults too.
   */
  checkBackup(source: DatabaseConnection): Promise<readonly Fault[]>;

  /**
   * Everything that would make a restore into a new database fail; empty when ready.
   * `source` tells what the recovery point needs (version, encoding, size).
   */
  checkRestore(target: DatabaseConnection, source: ManifestSource): Promise<readonly Fault[]>;

  /**
   * Drops `target.database` if and only if its comment names this job; false when it is absent or
   * somebody else's. Rejects with FaultError (`UserErrorServerConnectionClosed` and its kin).
   */
  dropRestored(target: DatabaseConnection, jobId: string): Promise<boolean>;

  /**
   * Ends what a lost backup of this job left running on the server (sessions named
   * `pgvault <jobId>`). Answers how many were ended.
   */
  endSessions(server: ServerConnection, jobId: string): Promise<number>;
}
