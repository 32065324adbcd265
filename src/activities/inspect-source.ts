import type { BackupInstance } from "../domain/backup-instance.ts";
import type { DatabaseConnection } from "../domain/connection.ts";
import { type Fault, FaultError, fault } from "../domain/fault.ts";
import type { Notice } from "../domain/notice.ts";
import { instanceKey, instanceResourceId } from "../domain/resource-id.ts";
import type { DatabaseFacts, Inspection } from "../ports/database-server.ts";
import { checking, throwFindings } from "./combine-faults.ts";
import { loadPolicy, resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Everything that a backup of this instance needs, asked of everyone concerned: the vault's policy,
 * the claim on the datasource, the secret, the server. Rejects with all findings at once; answers
 * what is worth knowing although nothing fails because of it.
 */
export async function requireReadySource(
  ports: ActivityPorts,
  instance: BackupInstance,
): Promise<readonly Notice[]> {
  const policy = await checking(() => loadPolicy(ports, instance));
  const claim = await checking(() => requireUnclaimed(ports, instance));
  const source = await checking(() =>
    resolveDatabase(ports, instance.datasource, instance.credentials),
  );
  const found = source.value && (await ports.servers.inspectBackup(source.value));
  const script = source.value && found && (await grantScriptFor(ports, source.value, found));
  throwFindings(
    [...policy.faults, ...claim.faults, ...source.faults, ...(found?.faults ?? [])],
    script,
  );
  return found?.notices ?? [];
}

/** A datasource is in one vault at a time; a draft is none that could hold it. */
async function requireUnclaimed(
  { catalog }: Pick<ActivityPorts, "catalog">,
  { vault, name, datasource }: BackupInstance,
): Promise<void> {
  const holder = await catalog.instances.holderOf(datasource.resourceId);
  const own = instanceKey({ ...vault, instanceName: name });
  if (holder === undefined || instanceKey(holder) === own) return;
  throw new FaultError(
    fault(
      "UserErrorDppDatasourceAlreadyProtected",
      { datasource: datasource.resourceId, instance: instanceResourceId(holder) },
      { target: "dataSourceInfo.resourceID" },
    ),
  );
}

/** The script that gives all rights at once, where rights are what is missing. */
async function grantScriptFor(
  { servers }: Pick<ActivityPorts, "servers">,
  source: DatabaseConnection,
  { faults, facts }: Inspection<DatabaseFacts>,
): Promise<Fault["properties"]> {
  if (!faults.some(({ code }) => code === "UserErrorMissingDBPermissions")) return undefined;
  const major =
    facts === undefined
      ? (await checking(() => servers.serverMajor(source))).value
      : facts.serverMajor;
  if (major === undefined) return undefined;
  const { sql } = servers.grantScript({
    database: source.database,
    role: source.user,
    serverMajor: major,
  });
  return { GrantScript: sql };
}
