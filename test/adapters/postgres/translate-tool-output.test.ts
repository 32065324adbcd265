import { describe, expect, it } from "vitest";
import type { ChildResult } from "../../../src/adapters/postgres/child-process.ts";
import { translateToolFailure } from "../../../src/adapters/postgres/translate-tool-output.ts";

const connection = { host: "db.example", port: 5433, user: "reader", database: "shop" };
const ended = (stderrTail: string, rest: Partial<ChildResult> = {}): ChildResult => ({
  file: "/bin/pg_dump",
  exitCode: 1,
  signal: null,
  stderrTail,
  durationMs: 1_234,
  aborted: false,
  timedOut: false,
  ...rest,
});
const translate = (stderr: string, rest: Partial<ChildResult> = {}) =>
  translateToolFailure(ended(stderr, rest), { connection, otherwise: "DumpFailed" });

const atServer =
  'pg_dump: error: connection to server at "db.example" (10.0.0.1), port 5433 failed: ';

describe("the failure of a client program", () => {
  it.each([
    [
      'pg_dump: error: could not translate host name "db.example" to address: Name or service not known',
      "UserErrorMissingNetworkSecurityPermissions",
    ],
    [
      `${atServer}Connection refused\n\tIs the server running on that host?`,
      "UserErrorMissingNetworkSecurityPermissions",
    ],
    [`${atServer}timeout expired`, "UserErrorMissingNetworkSecurityPermissions"],
    [
      `${atServer}server does not support SSL, but SSL was required`,
      "UserErrorMissingNetworkSecurityPermissions",
    ],
    [
      `${atServer}SSL error: certificate verify failed`,
      "UserErrorMissingNetworkSecurityPermissions",
    ],
    [
      `${atServer}FATAL:  no pg_hba.conf entry for host "10.1.1.1", user "reader"`,
      "UserErrorMissingNetworkSecurityPermissions",
    ],
    [
      `${atServer}FATAL:  password authentication failed for user "reader"`,
      "UserErrorDBUserAuthFailed",
    ],
    [`${atServer}FATAL:  role "reader" is not permitted to log in`, "UserErrorDBUserAuthFailed"],
    [`${atServer}FATAL:  database "shop" does not exist`, "UserErrorDBNotFound"],
    [`${atServer}FATAL:  the database system is starting up`, "UserErrorServerConnectionClosed"],
    [`${atServer}FATAL:  sorry, too many clients already`, "UserErrorServerConnectionClosed"],
    [
      "pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 17.1; pg_dump version: 15.18",
      "UserErrorUnsupportedServerVersion",
    ],
    [
      "pg_dump: error: query failed: ERROR:  permission denied for table orders\npg_dump: detail: Query was: LOCK TABLE app.orders IN ACCESS SHARE MODE",
      "UserErrorMissingDBPermissions",
    ],
    [
      'pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table "orders"',
      "UserErrorMissingDBPermissions",
    ],
    [
      "pg_dump: error: query failed: server closed the connection unexpectedly",
      "UserErrorServerConnectionClosed",
    ],
    ['pg_dump: error: could not obtain lock on relation "app.orders"', "UserErrorLockNotAvailable"],
    ["pg_dump: error: query failed: ERROR:  out of shared memory", "DumpFailed"],
  ])("%s becomes %s", (stderr, code) => {
    expect(translate(stderr).code).toBe(code);
  });

  it("names the object that may not be read", () => {
    expect(
      translate("pg_dump: error: query failed: ERROR:  permission denied for schema app"),
    ).toMatchObject({
      target: "schema app",
    });
    const hidden = translate(
      'ERROR:  query would be affected by row-level security policy for table "t"',
    );
    expect(hidden.target).toBe("table t");
    expect(hidden.recommendedAction[0]).toBe('ALTER ROLE "reader" BYPASSRLS;');
  });

  it("names the setting when the lock table is full", () => {
    const full =
      "pg_dump: error: query failed: ERROR:  out of shared memory\nHINT:  You might need to increase max_locks_per_transaction.";
    expect(translate(full)).toMatchObject({
      code: "DumpFailed",
      target: "setting max_locks_per_transaction",
    });
  });

  it("quotes errors, not progress", () => {
    const progress = "pg_dump: reading schemas\n".repeat(100);
    const found = translate(`${progress}pg_dump: error: strange thing\n${progress}`);
    expect(found.message).toContain("exit code 1: pg_dump: error: strange thing");
    expect(found.message).not.toContain("reading schemas");
  });

  it("says so when it was killed, timed out or never started", () => {
    expect(translate("", { exitCode: null, signal: "SIGKILL" }).message).toContain(
      "ended by SIGKILL",
    );
    expect(translate("", { timedOut: true }).code).toBe("OperationTimedOut");
    expect(translate("", { startError: "ENOENT" }).message).toContain("cannot be run: ENOENT");
  });
});
