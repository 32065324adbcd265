import {
  type ArmClient,
  type ArmErrorBody,
  errorOf,
  type Job,
} from "../../scripts/demo/arm-client.ts";
import {
  listRecoveryPoints,
  type RecoveryPoint,
  untilProtected,
} from "../../scripts/demo/protect-and-restore.ts";
import {
  adhocBackupBody,
  defaultPolicyBody,
  instancePathOf,
  instanceProperties,
  policyPathOf,
  restoreBody,
  vaultBody,
  vaultPathOf,
} from "../../scripts/demo/request-bodies.ts";
import { createSampleDatabase } from "../../scripts/sample-database.ts";
import { startApp, type TestApp, type TestAppOptions } from "./app.ts";
import { type PostgresCluster, startCluster } from "./postgres-cluster.ts";

/** A server with the sample database, pgvault beside it, and a vault with a policy. */
export interface Scene {
  readonly app: TestApp;
  readonly cluster: PostgresCluster;
  readonly client: ArmClient;
  /** Name of the sample database. */
  readonly database: string;
  /** Protects a database and waits until it is; answers the path of its backup instance. */
  protect(instance: string, database: string, secret?: string): Promise<string>;
  /** Body of an instance PUT, and of validateForBackup in another wrapping. */
  properties(database: string, secret?: string, policy?: string): object;
  /** Starts a backup; answers the id of its job. */
  startBackup(instancePath: string): Promise<string>;
  /** Backs up to the end of the job, whatever that is. */
  backUp(instancePath: string): Promise<Job>;
  startRestore(instancePath: string, recoveryPoint: string, database: string): Promise<string>;
  restore(instancePath: string, recoveryPoint: string, database: string): Promise<Job>;
  recoveryPoints(instancePath: string): Promise<readonly RecoveryPoint[]>;
  databases(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface SceneOptions extends TestAppOptions {
  /** Of the sample database; 0: no sample. Default: the smallest. */
  readonly sizeMb?: number;
}

export const sceneVault = vaultPathOf("test-vault");
export const serverSecret = "server";
const policy = "weekly";
const smallestMb = 1;

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  await using started = new AsyncDisposableStack();
  const database = "Laden Süd";
  const sizeMb = options.sizeMb ?? smallestMb;
  const startingApp = startApp(options);
  // Its failure is told by the await below, and only there.
  const appOrNot = startingApp.catch(() => undefined);
  started.defer(async () => (await appOrNot)?.stop());
  const cluster = await startCluster();
  started.defer(() => cluster.stop());
  if (sizeMb > 0) await createSampleDatabase(cluster, { name: database, sizeMb });
  const app = await startingApp;
  const { client } = app;
  await app.putSecret(serverSecret, cluster.connectionString());
  await client.complete("PUT", sceneVault, vaultBody);
  await client.send("PUT", policyPathOf("test-vault", policy), defaultPolicyBody);
  const resources = started.move();
  return {
    app,
    cluster,
    client,
    database,
    ...requestsOf(client),
    databases: async () =>
      (await cluster.psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"))
        .split("\n")
        .filter((name) => name !== "postgres"),
    stop: () => resources.disposeAsync(),
  };
}

function requestsOf(client: ArmClient) {
  const properties: Scene["properties"] = (database, secret = serverSecret, policyName = policy) =>
    instanceProperties(
      { server: "test-server", database, secret },
      policyPathOf("test-vault", policyName),
    );
  const startBackup = async (instancePath: string) =>
    jobOf(await client.complete("POST", `${instancePath}/backup`, adhocBackupBody));
  const startRestore = async (instancePath: string, point: string, database: string) =>
    jobOf(
      await client.complete("POST", `${instancePath}/restore`, restoreRequest(point, database)),
    );
  return {
    properties,
    startBackup,
    startRestore,
    protect: async (instance: string, database: string, secret = serverSecret) => {
      const path = instancePathOf("test-vault", instance);
      await client.complete("PUT", path, { properties: properties(database, secret) });
      await untilProtected(client, path);
      return path;
    },
    backUp: async (instancePath: string) => client.followJob(await startBackup(instancePath)),
    restore: async (instancePath: string, point: string, database: string) =>
      client.followJob(await startRestore(instancePath, point, database)),
    recoveryPoints: (instancePath: string) => listRecoveryPoints(client, instancePath),
  };
}

/** A restore of a recovery point as a new database of the same server. */
export const restoreRequest = (point: string, database: string, secret = serverSecret) =>
  restoreBody(point, { server: "test-server", database, secret });

/**
 * How a request that must fail failed: refused at once, or by its operation. Rejects when it
 * succeeded.
 */
export async function failureOf(
  client: ArmClient,
  method: string,
  path: string,
  body: unknown,
): Promise<ArmErrorBody & { readonly httpStatus?: number }> {
  const answer = await client.request(method, path, body);
  if (answer.status >= 400) return { ...errorOf(answer), httpStatus: answer.status };
  const statusUrl = answer.headers.get("azure-asyncoperation");
  if (statusUrl === null) throw new Error(`${method} ${path} answered ${answer.status}.`);
  const status = await client.followOperation(statusUrl);
  if (status.error === undefined) throw new Error(`${method} ${path} ended ${status.status}.`);
  return status.error;
}

function jobOf({ properties }: { properties?: { jobId?: string } }): string {
  if (properties?.jobId === undefined) throw new Error("The operation named no job.");
  return properties.jobId;
}
