import {
  type DatabaseConnection,
  type ServerConnection,
  serverLabel,
} from "../../domain/connection.ts";
import { FaultError } from "../../domain/fault.ts";

/** Databases from which others can be created and dropped, in the order in which they are tried. */
const candidates = ["postgres", "template1"] as const;

/**
 * Runs `use` in a database that is not the one in question: `postgres` or, where that is missing or
 * closed to the role, the next candidate. Rejects with the first database's fault when none opens.
 */
export async function inMaintenanceDatabase<T>(
  server: ServerConnection,
  use: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> {
  let refusal: FaultError | undefined;
  for (const database of candidates) {
    try {
      return await use({ ...server, database });
    } catch (error) {
      if (!isClosedDatabase(error, database)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? new Error(`no maintenance database on ${serverLabel(server)}`);
}

const isClosedDatabase = (error: unknown, database: string): error is FaultError =>
  error instanceof FaultError &&
  error.fault.target === `database ${database}` &&
  (error.fault.code === "UserErrorDBNotFound" ||
    error.fault.code === "UserErrorMissingDBPermissions");
