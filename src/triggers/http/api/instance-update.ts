import { isDeepStrictEqual } from "node:util";
import { presentBackupInstance } from "../../../contract/backup-instance.ts";
import type { BackupInstance } from "../../../domain/backup-instance.ts";
import { fault } from "../../../domain/fault.ts";
import { sameResourceId } from "../../../domain/resource-id.ts";
import type { PolicyResource, Vault } from "../../../domain/vault.ts";
import type { Versioned } from "../../../ports/catalog.ts";
import { created, json, orRefuse, refuse } from "./answers.ts";
import { claimDatasource } from "./instance-claims.ts";
import type { ApiCall, ApiResponse } from "./operation-record.ts";
import { openOperation, startWorkflow } from "./operations-start.ts";
import { checkPolicy, checkRetentionChange } from "./policy-change.ts";

/**
 * PUT of an instance that exists: another policy, credentials, name or tags; never another
 * datasource. What changes nothing is answered 200 at once. A mere change of policy keeps protection
 * as it is and plans anew; anything that a backup depends on is validated again.
 */
export async function updateInstance(
  call: ApiCall,
  vault: Vault,
  current: Versioned<BackupInstance>,
  wanted: BackupInstance,
  policy: PolicyResource,
): Promise<ApiResponse> {
  const before = current.value;
  checkSameDatasource(before, wanted);
  await checkPolicySwap(call, vault, before, policy);
  const retries = before.protectionState === "ConfiguringProtectionFailed";
  const next = merged(before, wanted);
  if (!retries && isDeepStrictEqual(next, before)) return json(200, presentBackupInstance(before));
  await claimDatasource(call, next);
  const revalidates = retries || dependsOnSomethingElse(before, next);
  const saved = await call.catalog.instances.replace(
    {
      ...next,
      provisioningState: "Updating",
      ...(revalidates && followsValidation(before)
        ? { protectionState: "ConfiguringProtection" }
        : {}),
    },
    current.etag,
  );
  if (saved === undefined) return refuse(fault("Conflict", { resource: before.name }));
  const instanceName = before.name;
  const operation = await openOperation(call, vault, "PutInstance", { instanceName });
  const target = { operationId: operation.id, vault: before.vault, instanceName };
  if (revalidates && followsValidation(before)) {
    await startWorkflow(call, operation, "configureProtection", target);
  } else {
    await startWorkflow(call, operation, "replanInstance", target);
  }
  return created(call, 200, operation, presentBackupInstance(saved.value));
}

/** What was learnt about the instance stays; what the request says replaces. */
function merged(before: BackupInstance, wanted: BackupInstance): BackupInstance {
  const { tags, datasourceSet, policyParameters, validationType, identityDetails, ...kept } =
    before;
  const { provisioningState, protectionState, createdAt, ...definition } = wanted;
  return { ...kept, ...definition, vault: before.vault, name: before.name };
}

const dependsOnSomethingElse = (before: BackupInstance, next: BackupInstance): boolean =>
  !isDeepStrictEqual(before.credentials, next.credentials);

/** Stopped and suspended instances stay so; they are validated when they are resumed. */
const followsValidation = ({ protectionState }: BackupInstance): boolean =>
  protectionState === "ProtectionConfigured" ||
  protectionState === "ProtectionError" ||
  protectionState === "ConfiguringProtectionFailed" ||
  protectionState === "ConfiguringProtection";

function checkSameDatasource(before: BackupInstance, wanted: BackupInstance): void {
  if (before.deletion !== undefined) {
    refuse(
      fault("UserErrorNotSupported", {
        detail: `backup instance '${before.name}' is soft-deleted: undelete it, or choose another name`,
      }),
    );
  }
  if (sameResourceId(before.datasource.resourceId, wanted.datasource.resourceId)) return;
  refuse(
    fault(
      "UserErrorNotSupported",
      {
        detail: `backup instance '${before.name}' protects '${before.datasource.resourceId}' and cannot protect another datasource: create a second backup instance`,
      },
      { target: "properties.dataSourceInfo.resourceID" },
    ),
  );
}

async function checkPolicySwap(
  call: ApiCall,
  vault: Vault,
  before: BackupInstance,
  after: PolicyResource,
): Promise<void> {
  if (before.policyName.toLowerCase() === after.name.toLowerCase()) return;
  const ref = { ...before.vault, policyName: before.policyName };
  const old = await call.catalog.policies.get(ref);
  const parsed = checkPolicy(after.properties);
  if (old === undefined || !parsed.ok) return;
  orRefuse(checkRetentionChange(vault, old.value, parsed.value));
}
