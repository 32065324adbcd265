import { Socket } from "node:net";
import pg from "pg";
import type { DatabaseConnection } from "../../domain/connection.ts";
import type { FaultError } from "../../domain/fault.ts";
import { shapeOfError } from "./error-shape.ts";
import { refusesTlsChoice, type TlsChoice, tlsChoices } from "./tls-choice.ts";
import { connectTimeoutCode, type ErrorContext, toFaultError } from "./translate-error.ts";

/** Name lookup, TCP, TLS and login together may take this long. */
export const connectTimeoutMs = 15_000;
/** Idle time after which the kernel begins to probe whether the server is still there. */
export const keepAliveIdleMs = 30_000;

export interface ConnectOptions {
  /** Names the session on the server: `pgvault <jobId>`, or `pgvault` without a job. */
  readonly jobId?: string;
  readonly timeoutMs?: number;
  /** Aborting destroys the connection, at any time. */
  readonly signal?: AbortSignal;
  /** Settings of the session, such as `-c statement_timeout=0`; they rank above the database's own. */
  readonly sessionOptions?: string;
  /** What unknown errors of connecting are called. */
  readonly otherwise?: ErrorContext["otherwise"];
  /** An unconnected socket of the caller's own kind, for each attempt. */
  readonly newSocket?: () => Socket;
}

export const applicationName = (jobId?: string): string =>
  jobId === undefined ? "pgvault" : `pgvault ${jobId}`;

/**
 * Logs in. Rejects with a FaultError that tells refused, timed out, TLS, login and missing database
 * apart. The caller ends the client; an error of an idle client is not thrown but meets the next
 * query.
 */
export async function connect(
  connection: DatabaseConnection,
  options: ConnectOptions = {},
): Promise<pg.Client> {
  const choices = tlsChoices(connection);
  let refusal: FaultError | undefined;
  for (const choice of choices) {
    const attempt = await attemptLogin(connection, choice, options);
    if (attempt.client !== undefined) return attempt.client;
    // Of two refusals the one that is not about TLS says what is wrong.
    if (refusal === undefined || !refusesTlsChoice(attempt.cause)) refusal = attempt.error;
    if (!choice.mayFallBack(attempt.cause)) break;
  }
  throw refusal ?? new Error("no way of connecting was tried");
}

/** Connects, runs `use`, and ends the connection however `use` ends. */
export async function withClient<T>(
  connection: DatabaseConnection,
  options: ConnectOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(connection, options);
  try {
    return await use(client);
  } finally {
    // A connection that is lost already cannot be ended; that is no second error.
    await client.end().catch(() => {});
  }
}

type Attempt =
  | { readonly client: pg.Client }
  | { readonly client?: undefined; readonly cause: unknown; readonly error: FaultError };

async function attemptLogin(
  connection: DatabaseConnection,
  choice: TlsChoice,
  options: ConnectOptions,
): Promise<Attempt> {
  const socket = options.newSocket?.() ?? new Socket();
  let phase: "reaching" | "logging-in" = "reaching";
  socket.once("connect", () => {
    phase = "logging-in";
  });
  const client = new pg.Client(clientConfig(connection, choice, options, socket));
  client.on("error", () => {});
  const abort = (): void => void socket.destroy(new Error("Connection ended: cancelled"));
  if (options.signal?.aborted === true) abort();
  else options.signal?.addEventListener("abort", abort, { once: true });
  client.once("end", () => options.signal?.removeEventListener("abort", abort));
  try {
    await client.connect();
    return { client };
  } catch (cause) {
    socket.destroy();
    options.signal?.removeEventListener("abort", abort);
    const error = toFaultError(namedTimeout(cause, options), {
      connection,
      otherwise: options.otherwise ?? "InternalError",
      phase,
    });
    return { cause, error };
  }
}

function clientConfig(
  connection: DatabaseConnection,
  choice: TlsChoice,
  options: ConnectOptions,
  socket: Socket,
): pg.ClientConfig {
  return {
    host: connection.host,
    port: connection.port,
    user: connection.user,
    password: connection.password.reveal(),
    database: connection.database,
    ssl: choice.tls ?? false,
    stream: () => socket,
    application_name: applicationName(options.jobId),
    ...(options.sessionOptions === undefined ? {} : { options: options.sessionOptions }),
    connectionTimeoutMillis: options.timeoutMs ?? connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveIdleMs,
  };
}

/** `pg` says only `timeout expired`. */
function namedTimeout(cause: unknown, options: ConnectOptions): unknown {
  const { message } = shapeOfError(cause);
  if (!/timeout expired|timeout exceeded/i.test(message)) return cause;
  const text = `no answer within ${options.timeoutMs ?? connectTimeoutMs} ms`;
  return Object.assign(new Error(text, { cause }), { code: connectTimeoutCode });
}
