import { serverLabel } from "../../domain/connection.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import type { ChildResult } from "./child-process.ts";
import { quoteIdentifier } from "./sql-text.ts";
import {
  authenticationFailed,
  connectionClosed,
  databaseMissing,
  type ErrorContext,
  lockNotAvailable,
  missingRights,
  unreachable,
} from "./translate-error.ts";

/** What of stderr a fault's message quotes at most. */
const quotedCharacters = 1_500;

/**
 * The failure of pg_dump, pg_restore or psql as a catalogued fault. The programs give no SQLSTATE,
 * so this reads their words (they run with LC_ALL=C; a server with another lc_messages falls through
 * to `context.otherwise` with the text itself).
 */
export function translateToolFailure(result: ChildResult, context: ErrorContext): Fault {
  const text = relevantLines(result.stderrTail);
  if (result.startError !== undefined) {
    return fault("InternalError", { detail: `${result.file} cannot be run: ${result.startError}` });
  }
  if (result.timedOut) {
    return fault("OperationTimedOut", {
      what: result.file,
      limit: `${result.durationMs} ms`,
    });
  }
  for (const rule of rules) {
    const found = rule.pattern.exec(text);
    if (found !== null) return rule.fault(found, text, context);
  }
  return fault(
    context.otherwise,
    {
      database: context.connection.database,
      detail: `${endingOf(result)}: ${text || "no message"}`,
    },
    { target: context.object ?? `database ${context.connection.database}` },
  );
}

interface Rule {
  readonly pattern: RegExp;
  fault(found: RegExpExecArray, text: string, context: ErrorContext): Fault;
}

/** First match wins, so causes stand before their consequences. */
const rules: readonly Rule[] = [
  {
    pattern: /increase "?max_locks_per_transaction/,
    fault: (_found, text, context) =>
      fault(
        context.otherwise,
        { database: context.connection.database, detail: text },
        {
          target: "setting max_locks_per_transaction",
          recommendedAction: [
            "ALTER SYSTEM SET max_locks_per_transaction = 1024; -- then restart the server",
          ],
        },
      ),
  },
  {
    pattern: /could not translate host name/,
    fault: (_found, _text, context) =>
      unreachable(`the name '${context.connection.host}' does not resolve`, context),
  },
  {
    pattern: /Connection refused/,
    fault: (_found, _text, context) =>
      unreachable(
        `connection refused, nothing listens on port ${context.connection.port}`,
        context,
        true,
      ),
  },
  {
    pattern: /timeout expired|Connection timed out|No route to host|Network is unreachable/,
    fault: (found, _text, context) => unreachable(found[0], context, true),
  },
  {
    pattern: /server does not support SSL|certificate|SSL error|root certificate file/,
    fault: (_found, text, context) => unreachable(`TLS failed: ${text}`, context),
  },
  {
    pattern: /no pg_hba\.conf entry/,
    fault: (_found, text, context) =>
      unreachable(`its access rules (pg_hba.conf or firewall) answer: ${text}`, context),
  },
  {
    pattern:
      /authentication failed|no password supplied|is not permitted to log in|role "[^"]*" does not exist/,
    fault: (_found, text, context) => authenticationFailed(text, context),
  },
  {
    pattern: /FATAL: +database "[^"]*" does not exist/,
    fault: (_found, _text, context) => databaseMissing(context),
  },
  {
    pattern: /server version mismatch/,
    fault: (_found, text, { connection }) =>
      fault("UserErrorUnsupportedServerVersion", {
        server: serverLabel(connection),
        version: /server version: ([\w.]+)/.exec(text)?.[1] ?? "unknown",
        found: /pg_dump version: ([\w.]+)/.exec(text)?.[1] ?? "unknown",
      }),
  },
  {
    pattern: /row-level security policy for table "([^"]*)"/,
    fault: (found, text, context) =>
      missingRights(text, { ...context, object: `table ${found[1]}` }, [
        `ALTER ROLE ${quoteIdentifier(context.connection.user)} BYPASSRLS;`,
      ]),
  },
  {
    pattern:
      /permission denied for (database|schema|table|sequence|large object|relation)? ?([^\n]*)/,
    fault: (found, text, context) =>
      missingRights(text, { ...context, object: `${found[1] ?? "object"} ${found[2]}` }),
  },
  {
    pattern: /could not obtain lock on relation "([^"]*)"|lock timeout/,
    fault: (found, text, context) =>
      lockNotAvailable(text, {
        ...context,
        ...(found[1] === undefined ? {} : { object: `relation ${found[1]}` }),
      }),
  },
  {
    pattern:
      /closed the connection unexpectedly|connection has been closed|connection not open|no connection to the server|terminating connection|is (starting up|shutting down|in recovery mode|not yet accepting connections)|too many clients|connection slots are reserved/,
    fault: (_found, text, context) => connectionClosed(text, context),
  },
];

const endingOf = (result: ChildResult): string =>
  result.signal === null
    ? `${result.file} ended with exit code ${result.exitCode}`
    : `${result.file} was ended by ${result.signal}`;

/** Progress lines of `--verbose` say nothing about the failure. */
function relevantLines(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) =>
    /error|fatal|panic|warning|detail|hint|aborting|could not|denied|mismatch/i.test(line),
  );
  const text = (telling.length > 0 ? telling : lines).join("\n").trim();
  return text.slice(-quotedCharacters);
}
