import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensurePostgres, type PostgresBinaries } from "./find-postgres.ts";
import { type GuardedServer, startGuarded } from "./guarded-server.ts";
import { type Account, unprivilegedAccount } from "./unprivileged-account.ts";

/** A throwaway PostgreSQL server on loopback; gone without a trace when its process ends. */
export interface PostgresCluster {
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  /** ADO.NET form, as the secrets of pgvault hold it. */
  connectionString(database?: string): string;
  /** `postgres://…` form, as node-postgres and libpq take it. */
  url(database?: string): string;
  /** Runs SQL with psql and answers its bare output (`-XAtq`); rejects on the first error. */
  psql(sql: string, database?: string): Promise<string>;
  /** Ends every session (fast: told why; immediate: as in a crash) and starts the server again. */
  restart(mode?: "fast" | "immediate"): Promise<void>;
  /** Kills server and sessions with SIGKILL; `restart` brings it back through crash recovery. */
  kill(): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly binaries?: PostgresBinaries;
  /** Server settings on top of those of a throwaway server, such as `{ max_connections: "20" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const host = "127.0.0.1";
const superuser = "postgres";
/** Another process may take the free port between our look and the server's bind. */
const startAttempts = 3;
const psqlOutputLimitBytes = 64 * 1024 * 1024;
/** Nothing here outlives the test or demo: durability buys nothing. */
const throwawaySettings = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  max_wal_size: "4GB",
  wal_level: "minimal",
  max_wal_senders: "0",
  listen_addresses: host,
};

const run = promisify(execFile);

/** Starts a cluster for the callback and stops it whatever happens. */
export async function withCluster<T>(
  callback: (cluster: PostgresCluster) => Promise<T>,
  options: ClusterOptions = {},
): Promise<T> {
  const cluster = await startCluster(options);
  try {
    return await callback(cluster);
  } finally {
    await cluster.stop();
  }
}

export async function startCluster(options: ClusterOptions = {}): Promise<PostgresCluster> {
  const binaries = options.binaries ?? (await ensurePostgres());
  const account = await unprivilegedAccount();
  const folder = await mkdtemp(join(tmpdir(), "pgvault-pg-"));
  try {
    const password = randomBytes(12).toString("hex");
    await initialise(binaries, folder, password, account);
    const settings = { ...throwawaySettings, ...options.settings };
    return await startOnFreePort({ binaries, account, folder, password, settings });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Prepared {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly folder: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
}

async function initialise(
  binaries: PostgresBinaries,
  folder: string,
  password: string,
  account: Account,
): Promise<void> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  await mkdir(join(folder, "data"), { mode: 0o700 });
  const { uid, gid } = account;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [folder, passwordFile, join(folder, "data")]) await chown(path, uid, gid);
  }
  const args = ["-D", join(folder, "data"), "-U", superuser, "--auth=scram-sha-256"];
  args.push(`--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C", "--no-sync");
  await run(join(binaries.binDir, "initdb"), args, { ...account, cwd: folder });
  await rm(passwordFile);
}

async function startOnFreePort(prepared: Prepared): Promise<PostgresCluster> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      const server = await startServer(prepared, port);
      return presentCluster(prepared, port, server);
    } catch (error) {
      if (attempt === startAttempts || !/in use/i.test(String(error))) throw error;
    }
  }
}

function startServer(prepared: Prepared, port: number): Promise<GuardedServer> {
  const settings = {
    ...prepared.settings,
    port: String(port),
    unix_socket_directories: prepared.folder,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return startGuarded({
    folder: prepared.folder,
    command: [
      join(prepared.binaries.binDir, "postgres"),
      "-D",
      join(prepared.folder, "data"),
      ...args,
    ],
    account: prepared.account,
  });
}

function presentCluster(prepared: Prepared, port: number, first: GuardedServer): PostgresCluster {
  const { binaries, folder, password } = prepared;
  let server: GuardedServer | undefined = first;
  const halt = async (how: "fast" | "immediate" | "kill") => {
    await server?.end(how);
    server = undefined;
  };
  return {
    host,
    port,
    user: superuser,
    password,
    binaries,
    connectionString: (database = "postgres") =>
      `Server=${host};Port=${port};Database=${database};User Id=${superuser};Password=${password};Ssl Mode=Disable;`,
    url: (database = "postgres") =>
      `postgres://${superuser}:${password}@${host}:${port}/${encodeURIComponent(database)}`,
    psql: async (sql, database = "postgres") => {
      const args = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", String(port)];
      args.push("-U", superuser, "-d", database, "-c", sql);
      const { stdout } = await run(join(binaries.binDir, "psql"), args, {
        env: { PGPASSWORD: password, PGCLIENTENCODING: "UTF8" },
        maxBuffer: psqlOutputLimitBytes,
      });
      return stdout.trimEnd();
    },
    restart: async (mode = "fast") => {
      await halt(mode);
      server = await startServer(prepared, port);
    },
    kill: () => halt("kill"),
    stop: async () => {
      await halt("immediate");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", reject);
  probe.listen(0, host, () => {
    const address = probe.address();
    probe.close(() => {
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("The system named no free port."));
    });
  });
  return promise;
}
