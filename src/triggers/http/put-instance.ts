import {
  backupInstanceResourceSchema,
  parseBackupInstance,
  presentBackupInstance,
} from "../../contract/backup-instance.ts";
import { parseBody } from "../../contract/parse-body.ts";
import type { BackupInstance } from "../../domain/backup-instance.ts";
import { fault } from "../../domain/fault.ts";
import { formatRecordInstant } from "../../domain/instant.ts";
import { instanceResourceId } from "../../domain/resource-id.ts";
import type { Vault } from "../../domain/vault.ts";
import { created, orRefuse, refuse } from "./api/answers.ts";
import { guardOperation } from "./api/guard.ts";
import { claimDatasource, requirePolicy } from "./api/instance-claims.ts";
import { updateInstance } from "./api/instance-update.ts";
import { instanceRefOf, loadVault } from "./api/load.ts";
import type { ApiCall, ApiOperation, ApiResponse } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";

export const putInstance: ApiOperation = {
  id: "BackupInstances_CreateOrUpdate",
  summary: "Protects a database, or changes how it is protected.",
  method: "PUT",
  path: instancePath,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/write",
  body: { schema: "BackupInstanceResource", required: true },
  answers: [200, 201],
  async handle(call) {
    const wire = orRefuse(parseBody(backupInstanceResourceSchema, call.body));
    const { value: vault } = await loadVault(call);
    const ref = instanceRefOf(call);
    const wanted = orRefuse(
      parseBackupInstance(wire.properties, {
        ref,
        createdAt: formatRecordInstant(call.clock.now()),
        ...(wire.tags === undefined ? {} : { tags: wire.tags }),
      }),
    );
    const policy = await requirePolicy(call, wanted);
    const current = await call.catalog.instances.get(ref);
    if (current === undefined) return createInstance(call, vault, wanted);
    const requests = wire.properties.resourceGuardOperationRequests ?? [];
    if (current.value.policyName.toLowerCase() !== wanted.policyName.toLowerCase()) {
      const resourceId = instanceResourceId(ref);
      await guardOperation(call, vault, { operation: "updateProtection", resourceId, requests });
    }
    return updateInstance(call, vault, current, wanted, policy);
  },
};

async function createInstance(
  call: ApiCall,
  vault: Vault,
  wanted: BackupInstance,
): Promise<ApiResponse> {
  await claimDatasource(call, wanted);
  const made = await call.catalog.instances.create(wanted);
  if (made === undefined) return refuse(fault("Conflict", { resource: wanted.name }));
  const instanceName = wanted.name;
  const operation = await openOperation(call, vault, "PutInstance", { instanceName });
  await startWorkflow(call, operation, "configureProtection", {
    operationId: operation.id,
    vault: wanted.vault,
    instanceName,
  });
  return created(call, 201, operation, presentBackupInstance(wanted));
}
