import type { DatabaseConnection, ServerConnection } from "../domain/connection.ts";
import type { Fault } from "../domain/fault.ts";
import type { ManifestSource } from "../domain/manifest.ts";
import type { Notice } from "../domain/notice.ts";

/** What pgvault does on a PostgreSQL server outside of moving data. */
export interface DatabaseServers extends DatabaseInspector {
  /**
   * Drops `target.database` if and only if its comment names this job; false when it is absent or
   * somebody else's. Rejects with FaultError (`UserErrorServerConnectionClosed` and its kin).
   */
  dropRestored(target: DatabaseConnection, jobId: string): Promise<boolean>;

  /**
   * Takes this job's mark off the database that it restored, so that nothing of pgvault stays on it;
   * the comment that the source had takes its place.
   * False when the mark is not there (any more). Idempotent; rejects as `dropRestored` does.
   */
  keepRestored(target: DatabaseConnection, jobId: string): Promise<boolean>;

  /**
   * Ends what a lost backup of this job left running on the server (sessions named
   * `pgvault <jobId>`). Answers how many were ended.
   */
  endSessions(server: ServerConnection, jobId: string): Promise<number>;
}

/** What a check found: everything at once. */
export interface Inspection<Facts> {
  /** What would make the operation fail; empty when ready. */
  readonly faults: readonly Fault[];
  /** What works differently from what one might expect; nothing fails because of it. */
  readonly notices: readonly Notice[];
  /** Absent when the server could not be asked. */
  readonly facts?: Facts;
}

/** What pgvault knows of a database after asking its server. */
export interface DatabaseFacts
  extends Pick<
    ManifestSource,
    | "serverVersion"
    | "encoding"
    | "collate"
    | "ctype"
    | "localeProvider"
    | "icuLocale"
    | "databaseBytes"
    | "extensions"
    | "tablespaces"
  > {
  /** 15, 9.6. */
  readonly serverMajor: number;
  readonly clientVersion?: string;
  readonly isStandby: boolean;
  readonly isSuperuser: boolean;
  /** Tables and sequences that a dump reads. */
  readonly relations: number;
  readonly largeObjects: number;
}

export interface RestoreCheckOptions {
  /** A database of the target's name that this job's own restore left behind is no fault. */
  readonly jobId?: string;
  readonly keepTablespaces?: boolean;
}

/**
 * What pgvault asks of a PostgreSQL server. Inspections never reject for a user's problem:
 * reachability and login come back as faults too.
 */
export interface DatabaseInspector {
  /** Everything that would make a backup of this database fail, all at once. */
  inspectBackup(source: DatabaseConnection): Promise<Inspection<DatabaseFacts>>;

  /**
   * Everything that would make a restore into a new database fail. `source` tells what the recovery
   * point needs (version, encoding, size).
   */
  inspectRestore(
    target: DatabaseConnection,
    source: ManifestSource,
    options?: RestoreCheckOptions,
  ): Promise<Inspection<RestoreFacts>>;
  /**
   * 15, 9.6: asked in whichever database of the server opens, so that a role without CONNECT on the
   * one in question learns it too. Rejects with a FaultError as `inspectBackup` would tell it.
   */
  serverMajor(server: ServerConnection): Promise<number>;
  /** Text only; no server is asked. */
  grantScript(request: GrantScriptRequest): GrantScript;
}

export interface GrantScriptRequest {
  readonly database: string;
  /** The role that backs up. */
  readonly role: string;
  /** 15, 9.6. */
  readonly serverMajor: number;
  /** Roles that will create objects but own none yet; the script finds those that own some. */
  readonly owners?: readonly string[];
}

export interface GrantScript {
  /** For psql, connected to the database as administrator. Idempotent. */
  readonly sql: string;
  /** A PowerShell script that asks for the administrator's password and runs `sql` with psql. */
  readonly powerShell: string;
  /** Takes back everything that `sql` gives. Idempotent. */
  readonly revokeSql: string;
  readonly revokePowerShell: string;
}

export interface RestoreFacts {
  readonly serverVersion: string;
  readonly clientVersion?: string;
  /** Bytes the restored database will take at least; its disk is not visible through SQL. */
  readonly estimatedBytes: number;
}
