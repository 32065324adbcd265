import type { DatabaseConnection } from "../../../domain/connection.ts";
import { connect } from "../connect.ts";
import type { ErrorContext } from "../translate-error.ts";
import { SteadySocket } from "./steady-socket.ts";
import type { WireSession } from "./wire-port.ts";
import { takeOver } from "./wire-session.ts";

export interface SessionOptions {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly otherwise: ErrorContext["otherwise"];
  /** Run one by one after login; see `dumpSettings` and `restoreSettings`. */
  readonly settings: readonly string[];
}

/**
 * Given at login: with a limit of a millisecond, which a database may have by ALTER DATABASE … SET,
 * even the statement that lifts it could be too slow.
 */
export const unlimitedTime =
  "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0";

/**
 * No time limit of role or database may end a dump or a restore half-way. Said again after login for
 * poolers that are told to ignore what is given there (PgBouncer's `ignore_startup_parameters`).
 */
const withoutTimeouts = [
  "SET statement_timeout = 0",
  "SET lock_timeout = 0",
  "SET idle_in_transaction_session_timeout = 0",
  "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN ('transaction_timeout', 'idle_session_timeout')",
];

/** What pg_dump sets (`setup_connection`), so that rows read the same as its own. */
export const dumpSettings = (encoding: string): readonly string[] => [
  ...withoutTimeouts,
  "SELECT pg_catalog.set_config('search_path', '', false)",
  "SET DateStyle = ISO",
  "SET IntervalStyle = postgres",
  "SET extra_float_digits = 3",
  "SET synchronize_seqscans = off",
  "SET row_security = off",
  "SET bytea_output = hex",
  `SET client_encoding = '${encoding}'`,
];

/** What pg_restore sets before data (`_doSetFixedOutputState`). */
export const restoreSettings = (encoding: string): readonly string[] => [
  ...withoutTimeouts,
  "SELECT pg_catalog.set_config('search_path', '', false)",
  "SET standard_conforming_strings = on",
  "SET DateStyle = ISO",
  "SET IntervalStyle = postgres",
  "SET row_security = off",
  // What the workers wrote is made durable by one synchronous commit at the end.
  "SET synchronous_commit = off",
  `SET client_encoding = '${encoding}'`,
];

/** Logs in and takes the connection over; aborting the signal cuts it. */
export async function openSession(
  connection: DatabaseConnection,
  options: SessionOptions,
): Promise<WireSession> {
  const { jobId, signal, otherwise } = options;
  const newSocket = (): SteadySocket => new SteadySocket();
  const client = await connect(connection, {
    jobId,
    signal,
    otherwise,
    newSocket,
    sessionOptions: unlimitedTime,
  });
  const session = takeOver(client);
  try {
    for (const setting of options.settings) await session.execute(setting);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}
