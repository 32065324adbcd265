import { describe, expect, it } from "vitest";
import {
  connectTimeoutCode,
  type ErrorContext,
  translateError,
} from "../../../src/adapters/postgres/translate-error.ts";
import { FaultError, fault } from "../../../src/domain/fault.ts";

const connection = { host: "db.example", port: 5433, user: "reader", database: "shop" };
const context: ErrorContext = { connection, otherwise: "DumpFailed" };
const loggingIn: ErrorContext = { ...context, phase: "logging-in" };
const error = (code: string | undefined, message = "boom") =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe("an error of server, socket or TLS", () => {
  it.each([
    ["28P01", "UserErrorDBUserAuthFailed", "reader"],
    ["28000", "UserErrorDBUserAuthFailed", "reader"],
    ["3D000", "UserErrorDBNotFound", "shop"],
    ["42501", "UserErrorMissingDBPermissions", "reader"],
    ["42P04", "UserErrorDatabaseNameAlreadyInUse", "shop"],
    ["55P03", "UserErrorLockNotAvailable", "shop"],
    ["57014", "OperationTimedOut", "shop"],
    ["57P01", "UserErrorServerConnectionClosed", "db.example:5433"],
    ["57P03", "UserErrorServerConnectionClosed", "db.example:5433"],
    ["08006", "UserErrorServerConnectionClosed", "db.example:5433"],
    ["53300", "UserErrorServerConnectionClosed", "no connection left"],
    ["XX001", "DumpFailed", "boom"],
    ["ECONNREFUSED", "UserErrorMissingNetworkSecurityPermissions", "refused"],
    ["ENOTFOUND", "UserErrorMissingNetworkSecurityPermissions", "does not resolve"],
    ["EHOSTUNREACH", "UserErrorMissingNetworkSecurityPermissions", "no route"],
    ["ECONNRESET", "UserErrorServerConnectionClosed", "db.example:5433"],
    ["EPIPE", "UserErrorServerConnectionClosed", "db.example:5433"],
    ["CERT_HAS_EXPIRED", "UserErrorMissingNetworkSecurityPermissions", "TLS"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "UserErrorMissingNetworkSecurityPermissions", "TLS"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "UserErrorMissingNetworkSecurityPermissions", "TLS"],
    [undefined, "DumpFailed", "boom"],
  ])("%s becomes %s naming %s", (code, expected, named) => {
    const found = translateError(error(code), context);
    expect(found.code).toBe(expected);
    expect(found.message).toContain(named);
  });

  it.each([
    ["Connection terminated unexpectedly", "UserErrorServerConnectionClosed"],
    [
      "Client has encountered a connection error and is not queryable",
      "UserErrorServerConnectionClosed",
    ],
    ["The server does not support SSL connections", "UserErrorMissingNetworkSecurityPermissions"],
  ])("%s becomes %s", (message, expected) => {
    expect(translateError(error(undefined, message), context).code).toBe(expected);
  });

  it("tells a dropped packet from a silent server", () => {
    const timeout = error(connectTimeoutCode, "no answer within 10 ms");
    expect(translateError(timeout, context).code).toBe(
      "UserErrorMissingNetworkSecurityPermissions",
    );
    expect(translateError(timeout, loggingIn).code).toBe("UserErrorServerConnectionClosed");
  });

  it("tells access rules from a wrong password", () => {
    const refusal = error("28000", 'no pg_hba.conf entry for host "10.0.0.1"');
    expect(translateError(refusal, context).code).toBe(
      "UserErrorMissingNetworkSecurityPermissions",
    );
  });

  it("gives the statement for a missing CONNECT, with odd names quoted", () => {
    const odd = { ...loggingIn, connection: { ...connection, user: 'a"b', database: "Shop-1" } };
    const found = translateError(error("42501", "permission denied"), odd);
    expect(found.recommendedAction[0]).toBe('GRANT CONNECT ON DATABASE "Shop-1" TO "a""b";');
    expect(found.target).toBe("database Shop-1");
  });

  it("reads through the error of a host with several addresses", () => {
    const several = new AggregateError([error("ECONNREFUSED"), error("ECONNREFUSED")]);
    expect(translateError(several, context).message).toContain("refused");
  });

  it("lets what is a fault already pass", () => {
    const value = fault("UserErrorInvalidSecret", { secret: "s" });
    expect(translateError(new FaultError(value), context)).toBe(value);
  });

  it("may be retried when the server was restarting", () => {
    expect(translateError(error("ECONNREFUSED"), context).retryable).toBe(true);
    expect(translateError(error("57P03"), context).retryable).toBe(true);
    expect(translateError(error("28P01"), context).retryable).toBe(false);
  });
});
