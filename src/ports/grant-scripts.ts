import type { Credentials, Datasource } from "../domain/datasource.ts";
import type { GrantScript } from "./database-server.ts";

/**
 * Writes the script that lets a role back up a database, and its counterpart. Asks the secret store
 * for the role and the server for its version only where the request does not say them. Rejects as
 * `ConnectionSource.resolve` and `DatabaseInspector.serverMajor` do.
 */
export type WriteGrantScript = (request: GrantScriptFor) => Promise<WrittenGrantScript>;

export interface GrantScriptFor {
  readonly datasource: Datasource;
  readonly credentials: Credentials;
  /** Default: the role that the credentials name. */
  readonly role?: string;
  /** Roles that will create objects but own none yet. */
  readonly owners?: readonly string[];
  /** 15, 9.6; default: the server's own. */
  readonly serverMajor?: number;
}

export interface WrittenGrantScript extends GrantScript {
  readonly database: string;
  readonly role: string;
  readonly serverMajor: number;
}
