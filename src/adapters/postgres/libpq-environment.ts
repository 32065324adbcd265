import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { DatabaseConnection } from "../../domain/connection.ts";
import { applicationName, connectTimeoutMs } from "./connect.ts";

export interface LibpqEnvironment {
  /** The whole environment that pg_dump, pg_restore and psql need to log in. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * For `--dbname`: a connection string with nothing but the database and keepalives, which have
   * no environment variables. Holds no secret.
   */
  readonly dbname: string;
  /** Removes the root certificate's file. Idempotent. */
  dispose(): Promise<void>;
}

export interface LibpqOptions {
  readonly jobId?: string;
  /** More settings for the session, such as `-c statement_timeout=0`. */
  readonly sessionOptions?: string;
}

/**
 * What libpq's programs read instead of arguments. The password goes by PGPASSWORD: an environment
 * is readable by the same user and root only, and no file is left behind.
 */
export async function libpqEnvironment(
  connection: DatabaseConnection,
  options: LibpqOptions = {},
): Promise<LibpqEnvironment> {
  const certificate = await writeRootCertificate(connection);
  return {
    env: {
      PGHOST: connection.host,
      PGPORT: String(connection.port),
      PGUSER: connection.user,
      PGPASSWORD: connection.password.reveal(),
      PGDATABASE: connection.database,
      PGSSLMODE: connection.sslMode,
      ...(certificate.file === undefined ? {} : { PGSSLROOTCERT: certificate.file }),
      // Kerberos is never asked for: a slow attempt and a surprise less.
      PGGSSENCMODE: "disable",
      PGCONNECT_TIMEOUT: String(Math.ceil(connectTimeoutMs / 1000)),
      PGAPPNAME: applicationName(options.jobId),
      ...(options.sessionOptions === undefined ? {} : { PGOPTIONS: options.sessionOptions }),
    },
    dbname: `dbname=${conninfoValue(connection.database)} keepalives_idle=30 keepalives_interval=10 keepalives_count=6`,
    dispose: certificate.dispose,
  };
}

/** Runs `use` with the environment and cleans up however it ends. */
export async function withLibpqEnvironment<T>(
  connection: DatabaseConnection,
  options: LibpqOptions,
  use: (libpq: LibpqEnvironment) => Promise<T>,
): Promise<T> {
  const libpq = await libpqEnvironment(connection, options);
  try {
    return await use(libpq);
  } finally {
    await libpq.dispose();
  }
}

const conninfoValue = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

async function writeRootCertificate(connection: DatabaseConnection) {
  const verifies = connection.sslMode === "verify-ca" || connection.sslMode === "verify-full";
  const text = connection.rootCertificate ?? (verifies ? rootCertificates.join("\n") : undefined);
  if (text === undefined) return { file: undefined, dispose: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), "pgvault-tls-"));
  await chmod(directory, 0o700);
  const file = join(directory, "root.crt");
  await writeFile(file, `${text}\n`, { mode: 0o600 });
  return { file, dispose: () => rm(directory, { recursive: true, force: true }) };
}
