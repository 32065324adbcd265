import type { Credentials, Datasource } from "./datasource.ts";
import type { DataStoreType } from "./vault.ts";

/** A restore request after parsing: what is brought back, from where, to where. */
export interface RestoreSpec {
  readonly recoveryPointId: string;
  readonly sourceStore: DataStoreType;
  /** Required when the recovery point is archived. */
  readonly rehydration?: RehydrationSpec;
  readonly restoreLocation: string;
  readonly target: DatabaseTarget | FilesTarget;
  readonly options: RestoreOptions;
}

export interface RehydrationSpec {
  readonly priority: "Standard" | "High";
  /** 10 to 30 days. */
  readonly retentionDays: number;
}

/** Restore as a new database; an existing one of that name is never touched (FailIfExists). */
export interface DatabaseTarget {
  readonly kind: "database";
  readonly datasource: Datasource;
  readonly datasourceSet?: Datasource;
  readonly credentials: Credentials;
}

/** Restore as files of a directory-format archive into a container. */
export interface FilesTarget {
  readonly kind: "files";
  /** Container URL, with a SAS where the identity has no role on it. */
  readonly url: string;
  readonly filePrefix: string;
  readonly targetResourceId?: string;
}

/** Server that lends room for the scratch database of a proof. */
export interface ProofServer {
  /** Datasource id of the server, or of any database on it. */
  readonly resourceId: string;
  readonly credentials: Credentials;
}

/** pgvault's extension of the restore request; Azure drops owners and privileges always. */
export interface RestoreOptions {
  readonly keepOwners: boolean;
  readonly keepPrivileges: boolean;
  readonly keepTablespaces: boolean;
  readonly keepComments: boolean;
  readonly schemaOnly: boolean;
  readonly onlySchemas?: readonly string[];
  readonly onlyTables?: readonly string[];
}

/** As Azure restores: no owners, no privileges, no tablespaces; comments and everything else. */
export const defaultRestoreOptions: RestoreOptions = {
  keepOwners: false,
  keepPrivileges: false,
  keepTablespaces: false,
  keepComments: true,
  schemaOnly: false,
};
