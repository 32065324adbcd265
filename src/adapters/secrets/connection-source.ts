import { readFile } from "node:fs/promises";
import { Secret, type ServerConnection, type SslMode } from "../../domain/connection.ts";
import { serverNameOf } from "../../domain/datasource.ts";
import { FaultError, fault, toFault } from "../../domain/fault.ts";
import type { ConnectionSource, SecretStore } from "../../ports/secret-store.ts";
import { type ConnectionSettings, parseConnectionString } from "./connection-string.ts";
import { roleInToken } from "./token-role.ts";

/** The shape of `TokenCredential` in @azure/core-auth, as far as it is used here. */
export interface TokenSource {
  getToken(scope: string): Promise<{ readonly token: string } | null>;
}

export interface IdentityLogin {
  readonly credential: TokenSource;
  /**
   * Role that pgvault's Microsoft Entra identity has on the servers. Absent: the identity's own name
   * as the token tells it, which is what pgaadauth_create_principal is called with.
   */
  readonly role?: string;
  /** Behind the server's name; `postgres.database.azure.com` unless in a sovereign cloud. */
  readonly hostSuffix?: string;
  /** `require` unless set; the verify modes need `rootCertificate` or a system store. */
  readonly sslMode?: SslMode;
  readonly rootCertificate?: string;
}

export interface ConnectionSourceOptions {
  readonly secretStore: SecretStore;
  /** Absent: instances without a secret are refused. */
  readonly identity?: IdentityLogin;
}

/** Microsoft Entra tokens for Azure Database for PostgreSQL (azure-facts.md §14). */
const tokenScope = "https://ossrdbms-aad.database.windows.net/.default";

/** Reads the secret, or fetches a token, afresh at each call. */
export function createConnectionSource(options: ConnectionSourceOptions): ConnectionSource {
  return {
    resolve: (credentials, datasourceId) =>
      credentials.kind === "secret"
        ? fromSecret(options.secretStore, credentials.uri)
        : fromIdentity(options.identity, datasourceId),
  };
}

async function fromSecret(store: SecretStore, uri: string): Promise<ServerConnection> {
  const parsed = parseConnectionString(await store.read(uri));
  if (!parsed.ok) throw unsupported(uri, parsed.error);
  const { rootCertificate, ...connection } = parsed.value;
  if (rootCertificate === undefined) return connection;
  return { ...connection, rootCertificate: await pemOf(rootCertificate, uri) };
}

async function pemOf(
  certificate: NonNullable<ConnectionSettings["rootCertificate"]>,
  uri: string,
): Promise<string> {
  if ("pem" in certificate) return certificate.pem;
  try {
    const pem = await readFile(certificate.path, "utf8");
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  } catch {
    // Told below: the path is not repeated, it comes out of the secret.
  }
  throw unsupported(uri, "its Root Certificate is no PEM text and no readable PEM file.");
}

const unsupported = (secret: string, detail: string): FaultError =>
  new FaultError(fault("UserErrorSecretValueInUnsupportedFormat", { secret, detail }));

async function fromIdentity(
  identity: IdentityLogin | undefined,
  datasourceId: string,
): Promise<ServerConnection> {
  const server = serverNameOf({ resourceId: datasourceId });
  if (identity === undefined || server === undefined) {
    const detail = `'${datasourceId}' has no secret, and pgvault ${server === undefined ? "cannot tell its server" : "runs without a Microsoft Entra identity"}. Set datasourceAuthCredentials to a secret.`;
    throw new FaultError(fault("UserErrorNotSupported", { detail }));
  }
  const host = `${server}.${identity.hostSuffix ?? "postgres.database.azure.com"}`;
  const token = await tokenOf(identity, host);
  const user = identity.role ?? roleInToken(token);
  if (user === undefined) {
    throw loginFailed(
      host,
      "(unknown)",
      "the token names no identity; set PGVAULT_ENTRA_DATABASE_ROLE.",
    );
  }
  return {
    host,
    port: 5432,
    user,
    password: new Secret(token),
    sslMode: identity.sslMode ?? "require",
    ...(identity.rootCertificate === undefined
      ? {}
      : { rootCertificate: identity.rootCertificate }),
  };
}

async function tokenOf({ credential, role }: IdentityLogin, host: string): Promise<string> {
  try {
    const answer = await credential.getToken(tokenScope);
    if (answer !== null) return answer.token;
  } catch (cause) {
    const [detail = ""] = toFault(cause).message.split("\n", 1);
    throw loginFailed(host, role ?? "(identity)", `no Microsoft Entra token: ${detail}`, cause);
  }
  throw loginFailed(host, role ?? "(identity)", "no Microsoft Entra token was issued.");
}

const loginFailed = (server: string, role: string, detail: string, cause?: unknown): FaultError =>
  new FaultError(fault("UserErrorDBUserAuthFailed", { server, role, detail }), { cause });
