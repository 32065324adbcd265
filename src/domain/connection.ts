/**
 * A text that must not leak: prints as `[redacted]` in logs, templates and JSON.
 * (Idea: restic's SecretString.)
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The only way to the text; call it at the door where the secret is used. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return "[redacted]";
  }
  toJSON(): string {
    return "[redacted]";
  }
}

/** libpq's sslmode values. */
export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** How to reach and log in to one PostgreSQL server. */
export interface ServerConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  readonly sslMode: SslMode;
  /** PEM text of the root certificate for verify-ca and verify-full. */
  readonly rootCertificate?: string;
  /** Database named by the secret; the backup instance's own name wins over it. */
  readonly database?: string;
}

export interface DatabaseConnection extends ServerConnection {
  readonly database: string;
}

/** `host:port`, for messages and for the lease that limits dumps per server. */
export const serverLabel = (server: Pick<ServerConnection, "host" | "port">): string =>
  `${server.host}:${server.port}`;
