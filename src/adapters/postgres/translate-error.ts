import { type DatabaseConnection, serverLabel } from "../../domain/connection.ts";
import type { ErrorCode } from "../../domain/error-catalogue.ts";
import { type Fault, FaultError, fault } from "../../domain/fault.ts";
import { type ErrorShape, shapeOfError, sqlStateOf } from "./error-shape.ts";
import { quoteIdentifier } from "./sql-text.ts";

export type Coordinates = Pick<DatabaseConnection, "host" | "port" | "user" | "database">;

export interface ErrorContext {
  readonly connection: Coordinates;
  /** What an error is called that no rule knows; `{detail}` and `{database}` are filled in. */
  readonly otherwise: "DumpFailed" | "RestoreFailed" | "InternalError";
  /** What was being read, locked or written, such as `table "public"."orders"`. */
  readonly object?: string;
  /** While connecting: whether TCP stood already; decides what a timeout or a refusal means. */
  readonly phase?: "reaching" | "logging-in";
}

/** Thrown by the connector when its time is up; `pg` has only a text for that. */
export const connectTimeoutCode = "PGVAULT_CONNECT_TIMEOUT";

/** Any error of `pg`, the socket or TLS as a catalogued fault that names what it was about. */
export function translateError(error: unknown, context: ErrorContext): Fault {
  if (error instanceof FaultError) return error.fault;
  const shape = shapeOfError(error);
  const state = sqlStateOf(shape);
  if (state !== undefined) return translateSqlState(state, shape, context);
  return (
    translateNetwork(shape, context) ??
    translateTls(shape, context) ??
    translateLogin(shape, context) ??
    (isLostConnection(shape) ? connectionClosed(shape.message, context) : unknown(shape, context))
  );
}

export const toFaultError = (error: unknown, context: ErrorContext): FaultError =>
  error instanceof FaultError
    ? error
    : new FaultError(translateError(error, context), { cause: error });

export const unreachable = (detail: string, context: ErrorContext, retryable = false): Fault => {
  const server = serverLabel(context.connection);
  return {
    ...fault("UserErrorMissingNetworkSecurityPermissions", { server, detail }, { target: server }),
    retryable,
  };
};

export const connectionClosed = (detail: string, context: ErrorContext): Fault => {
  const server = serverLabel(context.connection);
  return fault("UserErrorServerConnectionClosed", { server, detail }, { target: server });
};

export const missingRights = (
  detail: string,
  context: ErrorContext,
  statements: readonly string[] = [],
): Fault => {
  const { user: role, database } = context.connection;
  return fault(
    "UserErrorMissingDBPermissions",
    { role, database, detail },
    { target: context.object ?? `database ${database}`, recommendedAction: statements },
  );
};

/** A role that may not log in has a statement that mends it; a wrong password has none. */
export const authenticationFailed = (detail: string, context: ErrorContext): Fault => {
  const { user } = context.connection;
  const mayNotLogIn = /is not permitted to log in/.test(detail);
  return fault(
    "UserErrorDBUserAuthFailed",
    { server: serverLabel(context.connection), role: user, detail },
    {
      target: `role ${user}`,
      recommendedAction: mayNotLogIn ? [`ALTER ROLE ${quoteIdentifier(user)} LOGIN;`] : [],
    },
  );
};

export const databaseMissing = (context: ErrorContext): Fault =>
  fault(
    "UserErrorDBNotFound",
    { server: serverLabel(context.connection), database: context.connection.database },
    { target: `database ${context.connection.database}` },
  );

export const lockNotAvailable = (detail: string, context: ErrorContext): Fault =>
  fault(
    "UserErrorLockNotAvailable",
    {
      object: context.object ?? "A table",
      database: context.connection.database,
      detail,
    },
    { target: context.object ?? `database ${context.connection.database}` },
  );

/** SQLSTATEs by code or class (first two characters); PostgreSQL appendix A. */
function translateSqlState(state: string, shape: ErrorShape, context: ErrorContext): Fault {
  const { message } = shape;
  switch (state) {
    case "28P01":
      return authenticationFailed(message, context);
    case "28000":
      // A server's own access rules answer with this too; Azure's firewall speaks the same words.
      return message.includes("pg_hba.conf")
        ? unreachable(`its access rules (pg_hba.conf or firewall) answer: ${message}`, context)
        : authenticationFailed(message, context);
    case "3D000":
      return databaseMissing(context);
    case "42501":
      return permissionDenied(shape, context);
    case "42P04":
      return fault("UserErrorDatabaseNameAlreadyInUse", {
        server: serverLabel(context.connection),
        database: context.connection.database,
      });
    case "55P03":
      return lockNotAvailable(message, context);
    case "57014":
      return fault("OperationTimedOut", {
        what: context.object ?? `A query in database ${context.connection.database}`,
        limit: `its time limit (${message})`,
      });
    case "53300":
      return connectionClosed(`it has no connection left: ${message}`, context);
    default:
      return isClosing(state) ? connectionClosed(message, context) : unknown(shape, context);
  }
}

/** 08: connection exceptions; 57P01 to 57P05: shutdown, crash, starting up, dropped, idle. */
const isClosing = (state: string): boolean => state.startsWith("08") || state.startsWith("57P0");

function permissionDenied(shape: ErrorShape, context: ErrorContext): Fault {
  const { database, user } = context.connection;
  // While logging in the only right that can be missing is CONNECT, whatever the language.
  if (context.phase === "logging-in") {
    const statement = `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)};`;
    return missingRights(
      `CONNECT on the database is missing (${shape.message})`,
      { ...context, object: `database ${database}` },
      [statement],
    );
  }
  return missingRights(shape.message, context);
}

function translateNetwork(shape: ErrorShape, context: ErrorContext): Fault | undefined {
  const { host, port } = context.connection;
  switch (shape.code) {
    case "ECONNREFUSED":
      // Also what a restarting server answers, so trying again may help.
      return unreachable(`connection refused, nothing listens on port ${port}`, context, true);
    case "ENOTFOUND":
    case "ENODATA":
      return unreachable(`the name '${host}' does not resolve`, context);
    case "EAI_AGAIN":
      return unreachable(`the name '${host}' could not be resolved now`, context, true);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EACCES":
    case "EPERM":
      return unreachable(`there is no route to it (${shape.code})`, context, true);
    case "ETIMEDOUT":
    case connectTimeoutCode:
      return context.phase === "logging-in"
        ? connectionClosed(
            `it accepted the connection but did not answer: ${shape.message}`,
            context,
          )
        : unreachable(
            `connecting timed out, as behind a firewall: ${shape.message}`,
            context,
            true,
          );
    default:
      return undefined;
  }
}

const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH)/;

function translateTls(shape: ErrorShape, context: ErrorContext): Fault | undefined {
  if (/does not support SSL/.test(shape.message)) {
    return unreachable(
      "TLS is demanded by the connection string but switched off on the server (ssl = off)",
      context,
    );
  }
  if (/establishing an SSL connection/.test(shape.message)) {
    return unreachable("it does not speak PostgreSQL's protocol on this port", context);
  }
  if (shape.code === undefined || !tlsCodes.test(shape.code)) return undefined;
  return unreachable(`TLS failed (${shape.code}): ${shape.message}`, context);
}

/** What `pg` itself says when it cannot answer the server's challenge, as with an empty password. */
const translateLogin = (shape: ErrorShape, context: ErrorContext): Fault | undefined =>
  /^SASL|client password|authentication/i.test(shape.message)
    ? authenticationFailed(shape.message, context)
    : undefined;

const lostErrnos: readonly (string | undefined)[] = ["ECONNRESET", "EPIPE", "ECONNABORTED"];

const isLostConnection = (shape: ErrorShape): boolean =>
  lostErrnos.includes(shape.code) ||
  /connection terminated|connection ended|not queryable|was closed|socket (hang up|disconnected)/i.test(
    shape.message,
  );

function unknown(shape: ErrorShape, context: ErrorContext): Fault {
  const code: ErrorCode = context.otherwise;
  const { database } = context.connection;
  const text = [shape.message, shape.detail].filter((part) => part !== undefined).join(" ");
  const detail = [context.object, text].filter((part) => part !== undefined).join(": ");
  return fault(code, { database, detail }, { target: context.object ?? `database ${database}` });
}
