import { execFile } from "node:child_process";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unprivilegedAccount } from "../../scripts/unprivileged-account.ts";
import { connect, withClient } from "../../src/adapters/postgres/connect.ts";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { translateToolFailure } from "../../src/adapters/postgres/translate-tool-output.ts";
import { type DatabaseConnection, Secret, type SslMode } from "../../src/domain/connection.ts";
import { FaultError } from "../../src/domain/fault.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";
import { pgDump, superuserConnection } from "./postgres-access.ts";

const run = promisify(execFile);
let plain: PostgresCluster;
let secure: PostgresCluster;
let folder: string;
let certificate: string;
let silent: Server;
let stranger: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgvault-tls-test-"));
  const settings = await writeCertificate();
  [plain, secure] = await Promise.all([startCluster(), startCluster({ settings })]);
  silent = await listen(createServer((socket) => void socket.resume()));
  stranger = await listen(
    createServer((socket) => void socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n")),
  );
});
afterAll(async () => {
  await Promise.all([plain.stop(), secure.stop()]);
  for (const server of [silent, stranger]) await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** A self-signed certificate for `localhost`, readable by the account that PostgreSQL runs as. */
async function writeCertificate(): Promise<Record<string, string>> {
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
  ]);
  const { uid, gid } = await unprivilegedAccount();
  await chmod(folder, 0o755);
  await chmod(key, 0o600);
  if (uid !== undefined && gid !== undefined) await chown(key, uid, gid);
  certificate = await readFile(cert, "utf8");
  return { ssl: "on", ssl_cert_file: cert, ssl_key_file: key };
}

const listen = (server: Server): Promise<Server> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function failure(connection: DatabaseConnection) {
  try {
    await withClient(connection, { timeoutMs: 500 }, async () => {});
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  throw new Error("connected");
}

interface Broken {
  readonly what: string;
  readonly change: () => Partial<DatabaseConnection>;
  readonly code: string;
  readonly says: RegExp;
}

const broken: readonly Broken[] = [
  {
    what: "a closed port",
    change: () => ({ port: 1 }),
    code: "UserErrorMissingNetworkSecurityPermissions",
    says: /127\.0\.0\.1:1' cannot be reached: connection refused/,
  },
  {
    what: "a name that does not resolve",
    change: () => ({ host: "no-such-host.invalid" }),
    code: "UserErrorMissingNetworkSecurityPermissions",
    says: /name 'no-such-host\.invalid' (does not resolve|could not be resolved)/,
  },
  {
    what: "a wrong password",
    change: () => ({ password: new Secret("wrong") }),
    code: "UserErrorDBUserAuthFailed",
    says: /refused role 'postgres': password authentication failed/,
  },
  {
    what: "an empty password",
    change: () => ({ password: new Secret("") }),
    code: "UserErrorDBUserAuthFailed",
    says: /refused role 'postgres'/,
  },
  {
    what: "an unknown role",
    change: () => ({ user: "nobody at all" }),
    code: "UserErrorDBUserAuthFailed",
    says: /refused role 'nobody at all'/,
  },
  {
    what: "a missing database",
    change: () => ({ database: "Nowhere" }),
    code: "UserErrorDBNotFound",
    says: /Database 'Nowhere' does not exist on server '127\.0\.0\.1:/,
  },
  {
    what: "TLS demanded of a server without",
    change: () => ({ sslMode: "require" }),
    code: "UserErrorMissingNetworkSecurityPermissions",
    says: /TLS/,
  },
];

describe("a connection", () => {
  it.each(broken)(
    "to $what fails as $code, from pg_dump as well",
    async ({ change, code, says }) => {
      const connection = { ...superuserConnection(plain), ...change() };
      const found = await failure(connection);
      expect(found).toMatchObject({ code, userError: true });
      expect(found.message).toMatch(says);
      expect(found.recommendedAction.length).toBeGreaterThan(0);
      const checked = (await createDatabaseServers().inspectBackup(connection)).faults;
      expect(checked).toEqual([found]);
      const dumped = await pgDump(connection);
      expect(translateToolFailure(dumped, { connection, otherwise: "DumpFailed" }).code).toBe(code);
    },
  );

  it("by a role without LOGIN says how to give it", async () => {
    await plain.psql("CREATE ROLE asleep PASSWORD 'x'");
    const asleep = { ...superuserConnection(plain), user: "asleep", password: new Secret("x") };
    const found = await failure(asleep);
    expect(found.code).toBe("UserErrorDBUserAuthFailed");
    expect(found.recommendedAction[0]).toBe('ALTER ROLE "asleep" LOGIN;');
    await plain.psql(found.recommendedAction[0] ?? "");
    await withClient(asleep, {}, async () => {});
  });

  it("to a server that never answers fails as closed and may be retried", async () => {
    const found = await failure({ ...superuserConnection(plain), port: portOf(silent) });
    expect(found).toMatchObject({ code: "UserErrorServerConnectionClosed", retryable: true });
    expect(found.message).toContain("accepted the connection but did not answer");
  });

  it("to something else than PostgreSQL says so", async () => {
    const connection = superuserConnection(plain);
    const found = await failure({ ...connection, sslMode: "prefer", port: portOf(stranger) });
    expect(found.code).toBe("UserErrorMissingNetworkSecurityPermissions");
    expect(found.message).toContain("does not speak PostgreSQL's protocol");
  });

  it("is named after its job", async () => {
    const name = await withClient(superuserConnection(plain), { jobId: "j-1" }, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        "SELECT current_setting('application_name') AS name",
      );
      return rows[0]?.name;
    });
    expect(name).toBe("pgvault j-1");
  });

  it("ends at once when it is aborted, before or during a query", async () => {
    const connection = superuserConnection(plain);
    await expect(connect(connection, { signal: AbortSignal.abort() })).rejects.toThrow(FaultError);
    const abort = new AbortController();
    const client = await connect(connection, { signal: abort.signal });
    const query = client.query("SELECT pg_sleep(60)");
    setTimeout(() => abort.abort(), 50);
    await expect(query).rejects.toThrow(/cancelled|terminated/);
    await client.end().catch(() => {});
  });
});

describe("TLS", () => {
  const over = async (connection: DatabaseConnection): Promise<boolean | undefined> =>
    withClient(connection, {}, async (client) => {
      const { rows } = await client.query<{ ssl: boolean }>(
        "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      );
      return rows[0]?.ssl;
    });
  const to = (host: string, sslMode: SslMode, rootCertificate?: string): DatabaseConnection => ({
    ...superuserConnection(secure),
    host,
    sslMode,
    ...(rootCertificate === undefined ? {} : { rootCertificate }),
  });

  it.each([
    ["disable", false],
    ["allow", false],
    ["prefer", true],
    ["require", true],
  ] as const)("with sslmode %s is used: %s", async (sslMode, used) => {
    expect(await over(to("127.0.0.1", sslMode))).toBe(used);
  });

  it("is left out by prefer where the server has none", async () => {
    expect(await over({ ...superuserConnection(plain), sslMode: "prefer" })).toBe(false);
  });

  it("verifies chain and name with the root certificate, for pg_dump too", async () => {
    expect(await over(to("localhost", "verify-full", certificate))).toBe(true);
    expect(await over(to("127.0.0.1", "verify-ca", certificate))).toBe(true);
    expect((await pgDump(to("localhost", "verify-full", certificate))).exitCode).toBe(0);
  });

  it.each([
    ["a name that the certificate does not bear", "127.0.0.1", "verify-full", true],
    ["a certificate that nobody vouches for", "localhost", "verify-full", false],
    ["a certificate that nobody vouches for", "localhost", "verify-ca", false],
  ] as const)("refuses %s (%s, %s)", async (_what, host, sslMode, withRoot) => {
    const connection = to(host, sslMode, withRoot ? certificate : undefined);
    const found = await failure(connection);
    expect(found.code).toBe("UserErrorMissingNetworkSecurityPermissions");
    expect(found.message).toContain("TLS failed");
    const dumped = translateToolFailure(await pgDump(connection), {
      connection,
      otherwise: "DumpFailed",
    });
    expect(dumped.code).toBe("UserErrorMissingNetworkSecurityPermissions");
  });
});
