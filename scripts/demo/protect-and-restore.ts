import type { Account } from "./account.ts";
import { megabytes } from "./account.ts";
import { type ArmClient, ArmError, type Job } from "./arm-client.ts";
import {
  adhocBackupBody,
  type DatabaseRef,
  defaultPolicyBody,
  instancePathOf,
  instanceProperties,
  policyPathOf,
  restoreBody,
  vaultBody,
  vaultPathOf,
} from "./request-bodies.ts";

export interface DemoNames {
  readonly vault: string;
  readonly policy: string;
  readonly instance: string;
}

export interface RecoveryPoint {
  readonly name: string;
  readonly properties: {
    readonly recoveryPointTime: string;
    readonly retentionTagName: string;
    readonly recoveryPointDataStoresDetails: readonly { readonly expiryTime: string | null }[];
  };
}

const protectionLimitMs = 60_000;

/** Creates vault and policy and protects the database, as a customer would. */
export async function protect(
  client: ArmClient,
  names: DemoNames,
  source: DatabaseRef,
  account: Account,
): Promise<void> {
  const vaultPath = vaultPathOf(names.vault);
  const policyPath = policyPathOf(names.vault, names.policy);
  const properties = instanceProperties(source, policyPath);
  await account.step(
    "create backup vault",
    () => client.complete("PUT", vaultPath, vaultBody),
    () => names.vault,
  );
  await account.step(
    "create backup policy",
    () => client.send("PUT", policyPath, defaultPolicyBody),
    () => `${names.policy}: weekly, kept for 3 months (Azure's default)`,
  );
  await account.step(
    "validate for backup",
    () => client.complete("POST", `${vaultPath}/validateForBackup`, { backupInstance: properties }),
    () => "server, login, rights and tools are as they must be",
  );
  await account.step(
    "create backup instance",
    async () => {
      const path = instancePathOf(names.vault, names.instance);
      await client.complete("PUT", path, { properties });
      await untilProtected(client, path);
    },
    () => `${names.instance}: ProtectionConfigured`,
  );
}

/** Backs up on demand and answers the recovery point that came of it. */
export async function backUp(
  client: ArmClient,
  names: DemoNames,
  account: Account,
): Promise<RecoveryPoint> {
  const path = instancePathOf(names.vault, names.instance);
  const before = new Set((await listRecoveryPoints(client, path)).map(({ name }) => name));
  await account.step(
    "back up on demand",
    async () => {
      const { properties } = await client.complete("POST", `${path}/backup`, adhocBackupBody);
      return completed(client, properties?.jobId, account);
    },
    describeJob,
  );
  return account.step(
    "list recovery points",
    async () => {
      const points = await listRecoveryPoints(client, path);
      const point = points.find(({ name }) => !before.has(name));
      if (point === undefined) throw new Error("The backup completed without a recovery point.");
      return point;
    },
    ({ name, properties }) => {
      const [store] = properties.recoveryPointDataStoresDetails;
      return `${name}, kept by rule ${properties.retentionTagName} until ${store?.expiryTime ?? "?"}`;
    },
  );
}

/** Restores the recovery point as a new database. */
export async function restore(
  client: ArmClient,
  names: DemoNames,
  recoveryPointId: string,
  target: DatabaseRef,
  account: Account,
): Promise<void> {
  const path = instancePathOf(names.vault, names.instance);
  const body = restoreBody(recoveryPointId, target);
  await account.step(
    "validate restore",
    () => client.complete("POST", `${path}/validateRestore`, { restoreRequestObject: body }),
    () => `'${target.database}' may be created`,
  );
  await account.step(
    "restore as a new database",
    async () => {
      const { properties } = await client.complete("POST", `${path}/restore`, body);
      return completed(client, properties?.jobId, account);
    },
    describeJob,
  );
}

export async function untilProtected(client: ArmClient, instancePath: string): Promise<void> {
  const deadlineMs = Date.now() + protectionLimitMs;
  let state = "unknown";
  while (Date.now() < deadlineMs) {
    const { properties } = await client.send<{ properties: { currentProtectionState: string } }>(
      "GET",
      instancePath,
    );
    state = properties.currentProtectionState;
    if (state === "ProtectionConfigured") return;
    if (state !== "ConfiguringProtection") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`The backup instance is in state ${state}, not ProtectionConfigured.`);
}

export async function listRecoveryPoints(
  client: ArmClient,
  instancePath: string,
): Promise<readonly RecoveryPoint[]> {
  const { value } = await client.send<{ value: RecoveryPoint[] }>(
    "GET",
    `${instancePath}/recoveryPoints`,
  );
  return value;
}

async function completed(
  client: ArmClient,
  jobId: string | undefined,
  account: Account,
): Promise<Job> {
  if (jobId === undefined) throw new Error("The operation named no job.");
  const job = await client.followJob(jobId, (running) =>
    account.progress(describeProgress(running)),
  );
  if (job.properties.status === "Completed") return job;
  const [error] = job.properties.errorDetails ?? [];
  throw new ArmError(
    `Job ${job.name} ${job.properties.status}`,
    error?.code ?? "",
    error?.message ?? "",
  );
}

function describeProgress({ properties }: Job): string {
  const steps = (properties.extendedInfo?.subTasks ?? []).map(
    ({ taskName, taskStatus, taskProgress }) => `${taskName} ${taskProgress ?? taskStatus}`,
  );
  return `${properties.operationCategory}: ${steps.at(-1) ?? properties.status}`;
}

function describeJob({ name, properties }: Job): string {
  const bytes = properties.extendedInfo?.dataTransferredInBytes;
  return `job ${name}${bytes ? `, ${megabytes(bytes)} moved` : ""}`;
}
