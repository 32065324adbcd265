import type { BackupInstance } from "../domain/backup-instance.ts";
import type { DatabaseConnection } from "../domain/connection.ts";
import { type Credentials, type Datasource, databaseNameOf } from "../domain/datasource.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { type InstanceRef, instanceResourceId } from "../domain/resource-id.ts";
import type { PolicyResource } from "../domain/vault.ts";
import type { Versioned } from "../ports/catalog.ts";
import type { ActivityPorts } from "./ports.ts";

/** The instance, or FaultError `UserErrorGenericResourceNotFound`. */
export async function loadInstance(
  { catalog }: Pick<ActivityPorts, "catalog">,
  ref: InstanceRef,
): Promise<Versioned<BackupInstance>> {
  const found = await catalog.instances.get(ref);
  if (found === undefined) {
    const resource = instanceResourceId(ref);
    throw new FaultError(fault("UserErrorGenericResourceNotFound", { resource }));
  }
  return found;
}

/** The instance's policy, or FaultError `UserErrorPolicyNotFound`. */
export async function loadPolicy(
  { catalog }: Pick<ActivityPorts, "catalog">,
  instance: BackupInstance,
): Promise<PolicyResource> {
  const { vault, policyName } = instance;
  const found = await catalog.policies.get({ ...vault, policyName });
  if (found === undefined) {
    const values = { policy: policyName, vault: vault.vaultName };
    throw new FaultError(fault("UserErrorPolicyNotFound", values));
  }
  return found.value;
}

/**
 * Login and database for a datasource. The datasource names the database; for a whole flexible
 * server the connection string does.
 */
export async function resolveDatabase(
  { connections }: Pick<ActivityPorts, "connections">,
  datasource: Datasource,
  credentials: Credentials,
): Promise<DatabaseConnection> {
  const server = await connections.resolve(credentials, datasource.resourceId);
  const database = databaseNameOf(datasource) ?? server.database;
  if (database === undefined) {
    const detail = `Datasource '${datasource.resourceId}' is a whole server and its secret names no database; add Database=NAME to the connection string or protect .../databases/NAME.`;
    throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }));
  }
  return { ...server, database };
}

/**
 * Changes the stored instance with its etag, reading it again when someone else was faster.
 * `change` answers undefined to leave it alone.
 */
export async function changeInstance(
  ports: Pick<ActivityPorts, "catalog">,
  ref: InstanceRef,
  change: (instance: BackupInstance) => BackupInstance | undefined,
): Promise<BackupInstance> {
  for (let attempt = 0; attempt < conflictLimit; attempt += 1) {
    const found = await loadInstance(ports, ref);
    const next = change(found.value);
    if (next === undefined) return found.value;
    const written = await ports.catalog.instances.replace(next, found.etag);
    if (written !== undefined) return written.value;
  }
  throw new FaultError(fault("Conflict", { resource: instanceResourceId(ref) }));
}

const conflictLimit = 10;
