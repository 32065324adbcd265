import { Secret, type SslMode } from "../../domain/connection.ts";
import { failed, ok, type Result } from "../../domain/result.ts";
import { splitAdoPairs } from "./ado-pairs.ts";

/** What an ADO.NET (Npgsql) connection string says that matters to us. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  readonly sslMode: SslMode;
  readonly database?: string;
  /** PEM text, or path of a PEM file. */
  readonly rootCertificate?: { readonly pem: string } | { readonly path: string };
}

/** Spellings of Npgsql and of ADO.NET in general, without blanks and in lower case. */
const spellings = {
  host: ["host", "server", "datasource", "address", "addr", "networkaddress"],
  port: ["port"],
  database: ["database", "db", "initialcatalog"],
  user: ["username", "userid", "uid", "user"],
  password: ["password", "pwd", "psw"],
  sslMode: ["sslmode"],
  trust: ["trustservercertificate"],
  rootCertificate: ["rootcertificate", "sslrootcert"],
} as const satisfies Record<string, readonly string[]>;

/** Npgsql's names and libpq's; `Prefer` is Npgsql's default. */
const sslModes: Readonly<Record<string, SslMode>> = {
  disable: "disable",
  allow: "allow",
  prefer: "prefer",
  require: "require",
  verifyca: "verify-ca",
  verifyfull: "verify-full",
};

/**
 * Reads the secret of a server. The error is a sentence for people that holds nothing of the
 * secret's text: any of it may be part of a password.
 */
export function parseConnectionString(text: string): Result<ConnectionSettings, string> {
  if (/^\s*postgres(?:ql)?:\/\//i.test(text)) {
    return failed("it is a postgres:// URI; write Server=…;User Id=…;Password=…; instead.");
  }
  const pairs = splitAdoPairs(text);
  if (!pairs.ok) return pairs;
  const value = (name: keyof typeof spellings): string | undefined =>
    spellings[name]
      .map((spelling) => pairs.value.get(spelling))
      .find((found) => found !== undefined);

  const place = parsePlace(value("host") ?? "", value("port"));
  if (!place.ok) return place;
  const user = value("user") ?? "";
  if (user === "") return failed("it names no User Id.");
  const password = value("password");
  if (password === undefined) return failed("it has no Password.");
  if (/^\{your_password\}$/i.test(password)) {
    return failed("its Password is still the placeholder of the Azure portal.");
  }
  const sslMode = parseSslMode(value("sslMode"), value("trust"));
  if (!sslMode.ok) return sslMode;
  const database = value("database") ?? "";
  const certificate = value("rootCertificate") ?? "";
  return ok({
    ...place.value,
    user,
    password: new Secret(password),
    sslMode: sslMode.value,
    ...(database === "" ? {} : { database }),
    ...(certificate === "" ? {} : { rootCertificate: parseCertificate(certificate) }),
  });
}

/** Host and port; the host may carry the port, and IPv6 its brackets. */
function parsePlace(
  text: string,
  portText: string | undefined,
): Result<{ host: string; port: number }, string> {
  if (text === "") return failed("it names no Server.");
  if (/[,\s]/.test(text))
    return failed("its Server is not one host name; write the port as Port=….");
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const named = /^([^:]+):(\d+)$/.exec(text);
  const [, host = text, ownPort] = bracketed ?? named ?? [];
  const port = portText === undefined || portText === "" ? (ownPort ?? "5432") : portText;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    return failed("its Port is not a number from 1 to 65535.");
  }
  return ok({ host, port: Number(port) });
}

/**
 * `Trust Server Certificate` has been without effect since Npgsql 8: the mode alone decides. It is
 * checked all the same, so that a typing error does not pass for a decision.
 */
function parseSslMode(
  mode: string | undefined,
  trust: string | undefined,
): Result<SslMode, string> {
  if (trust !== undefined && !/^(?:true|false|yes|no|1|0|)$/i.test(trust)) {
    return failed("its Trust Server Certificate is neither true nor false.");
  }
  if (mode === undefined || mode === "") return ok("prefer");
  const known = sslModes[mode.toLowerCase().replaceAll(/[\s_-]/g, "")];
  return known === undefined
    ? failed("its Ssl Mode is none of Disable, Allow, Prefer, Require, VerifyCA, VerifyFull.")
    : ok(known);
}

const parseCertificate = (text: string): { pem: string } | { path: string } =>
  text.includes("-----BEGIN CERTIFICATE-----") ? { pem: text } : { path: text };
