import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareDatabases, presentDifference } from "./compare-databases.ts";
import { type Account, createAccount, megabytes } from "./demo/account.ts";
import { apiVersion, createArmClient } from "./demo/arm-client.ts";
import { backUp, type DemoNames, protect, restore } from "./demo/protect-and-restore.ts";
import { vaultPathOf } from "./demo/request-bodies.ts";
import { ensurePostgres } from "./find-postgres.ts";
import { type PostgresCluster, startCluster } from "./postgres-cluster.ts";
import { createSampleDatabase } from "./sample-database.ts";
import { putSecret } from "./start/local-state.ts";
import { type RunningPgvault, runPgvault } from "./start/run-pgvault.ts";

const usage = `Shows the main job of pgvault from beginning to end, and proves it.

  npm run demo [-- --keep] [-- --size 120]

  --keep            leaves everything running until Ctrl-C and prints where it is
  --size <number>   megabytes of rows in the sample database (default: 120)
  --help            this text
`;

const names: DemoNames = { vault: "demo-vault", policy: "weekly", instance: "laden-demo" };
const source = { server: "demo-server", database: "Laden Süd", secret: "demo-server" };
const target = { ...source, database: "Laden Süd zurück" };
const defaultSizeMb = "120";
const logTailLines = 20;

/** The end of pgvault's log, for an account of a failure. */
let logTail = (): readonly string[] => [];

/** Answers whether source and restored database are equal. */
async function main(account: Account, started: AsyncDisposableStack): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean", default: false },
      size: { type: "string", default: defaultSizeMb },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    account.line(usage);
    return true;
  }
  const startedAt = performance.now();
  account.line("\npgvault demo: protect a database, back it up, restore it, compare\n");
  const cluster = await prepareServer(account, started, Number(values.size));
  const pgvault = await startPgvault(account, started);
  await putSecret(pgvault.stateDir, source.secret, cluster.connectionString());
  const client = createArmClient({ baseUrl: pgvault.baseUrl, token: pgvault.tokens.contributor });
  await protect(client, names, source, account);
  const recoveryPoint = await backUp(client, names, account);
  await restore(client, names, recoveryPoint.name, target, account);
  const isEqual = await compare(cluster, account);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  account.line(`\n${isEqual ? "Equal." : "NOT EQUAL."} The whole demo took ${seconds} s.\n`);
  if (values.keep) await keepRunning(pgvault, cluster, account);
  return isEqual;
}

async function prepareServer(
  account: Account,
  started: AsyncDisposableStack,
  sizeMb: number,
): Promise<PostgresCluster> {
  const binaries = await account.step(
    "find PostgreSQL",
    () => ensurePostgres((line) => account.line(`  ${line}`)),
    ({ version, binDir }) => `${version} in ${binDir}`,
  );
  const cluster = await account.step(
    "start a throwaway server",
    () => startCluster({ binaries }),
    ({ host, port }) => `${host}:${port}`,
  );
  started.defer(() => cluster.stop());
  await account.step(
    "fill a sample database",
    () => createSampleDatabase(cluster, { name: source.database, sizeMb }),
    ({ rowBytes }) => `'${source.database}', ${megabytes(rowBytes)} of rows`,
  );
  return cluster;
}

async function startPgvault(
  account: Account,
  started: AsyncDisposableStack,
): Promise<RunningPgvault> {
  const stateDir = await mkdtemp(join(tmpdir(), "pgvault-demo-"));
  started.defer(() => rm(stateDir, { recursive: true, force: true }));
  const logPath = join(stateDir, "pgvault.log");
  writeFileSync(logPath, "");
  logTail = () => readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-logTailLines);
  const pgvault = await account.step(
    "start pgvault and Azurite",
    () => runPgvault({ stateDir, port: 0, onLog: (text) => appendFileSync(logPath, text) }),
    ({ baseUrl }) => baseUrl,
  );
  started.defer(() => pgvault.stop());
  return pgvault;
}

async function compare(cluster: PostgresCluster, account: Account): Promise<boolean> {
  const comparison = await account.step(
    "compare source and restored",
    () =>
      compareDatabases(
        { ...cluster, database: source.database },
        { ...cluster, database: target.database },
        cluster.binaries.binDir,
      ),
    ({ differences }) =>
      differences.length === 0 ? "no difference" : `${differences.length} difference(s)`,
  );
  const rows = [...comparison.tables.values()].reduce((sum, count) => sum + count, 0);
  account.line(
    `\n  Compared: ${comparison.objectCount} object definitions; ${rows} rows of ${comparison.tables.size} tables`,
  );
  account.line(
    `  by count and checksum; ${comparison.sequenceCount} sequences; ${comparison.largeObjectCount} large objects.`,
  );
  for (const difference of comparison.differences) {
    account.line(`  - ${presentDifference(difference)}`);
  }
  return comparison.differences.length === 0;
}

async function keepRunning(
  pgvault: RunningPgvault,
  cluster: PostgresCluster,
  account: Account,
): Promise<void> {
  const url = `${pgvault.baseUrl}${vaultPathOf(names.vault)}/backupJobs?api-version=${apiVersion}`;
  account.line(`pgvault      ${pgvault.baseUrl}`);
  account.line(`PostgreSQL   ${cluster.url(source.database)}`);
  account.line(`State        ${pgvault.stateDir} (tokens.json, secrets.json, pgvault.log)`);
  account.line(`\nList the jobs:\n`);
  account.line(`  curl -s -H "Authorization: Bearer ${pgvault.tokens.reader}" \\\n    '${url}'\n`);
  account.line("All of it stays until Ctrl-C.");
  throw await pgvault.failed;
}

const account = createAccount(process.stdout);
const started = new AsyncDisposableStack();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Whatever runs is abandoned: everything that it made is thrown away.
  process.once(signal, () => {
    account.line("\nCleaning up …");
    void started.disposeAsync().finally(() => process.exit(130));
  });
}
try {
  const isEqual = await main(account, started);
  process.exitCode = isEqual ? 0 : 1;
} catch (error) {
  account.line(`\n${error instanceof Error ? error.message : String(error)}`);
  for (const line of logTail()) account.line(`  | ${line}`);
  process.exitCode = 1;
} finally {
  await started.disposeAsync();
}
