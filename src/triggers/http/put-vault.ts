import { parseBody } from "../../contract/parse-body.ts";
import {
  parseVault,
  presentVault,
  type VaultContext,
  vaultResourceSchema,
} from "../../contract/vault.ts";
import { fault } from "../../domain/fault.ts";
import type { Vault } from "../../domain/vault.ts";
import { decideVaultChange, keepProtections } from "../../domain/vault-change.ts";
import type { Versioned } from "../../ports/catalog.ts";
import { created, json, orRefuse, refuse } from "./api/answers.ts";
import { guardVaultChange } from "./api/guard-vault-change.ts";
import { vaultRefOf } from "./api/load.ts";
import type { ApiCall, ApiOperation, ApiResponse } from "./api/operation-record.ts";
import { endedOperation } from "./api/operations-start.ts";
import { vaultPath } from "./api/paths.ts";
import { holdsData, systemData, vaultContext, vaultFacts } from "./api/vault-facts.ts";

export const putVault: ApiOperation = {
  id: "BackupVaults_CreateOrUpdate",
  summary: "Creates a backup vault or replaces its settings.",
  method: "PUT",
  path: vaultPath,
  permission: "Microsoft.DataProtection/backupVaults/write",
  body: { schema: "BackupVaultResource", required: true },
  answers: [200, 201],
  async handle(call) {
    const wire = orRefuse(parseBody(vaultResourceSchema, call.body));
    const requests = wire.properties.resourceGuardOperationRequests ?? [];
    const context = vaultContext(call, vaultRefOf(call));
    const wanted = parseVault(wire, context);
    const current = await call.catalog.vaults.get(context.ref);
    return current === undefined
      ? createVault(call, wanted)
      : replaceVault(call, current, wanted, context, requests);
  },
};

async function createVault(call: ApiCall, wanted: Vault): Promise<ApiResponse> {
  const vault = { ...wanted, softDelete: wanted.softDelete ?? defaultSoftDelete };
  if ((await call.catalog.vaults.create(vault)) === undefined) {
    return refuse(fault("Conflict", { resource: vault.vaultName }));
  }
  const operation = await endedOperation(call, vault, "PutVault");
  const body = presentVault({ ...vault, provisioningState: "Provisioning" }, { guarded: false });
  return created(call, 201, operation, body, systemData(vault));
}

/** Secure by default: deleted instances can be brought back for two weeks. */
const defaultSoftDelete = { state: "On", retentionDurationInDays: 14 };

async function replaceVault(
  call: ApiCall,
  current: Versioned<Vault>,
  wanted: Vault,
  context: VaultContext,
  requests: readonly string[],
): Promise<ApiResponse> {
  const { createdAt, createdBy } = current.value;
  const vault = keepProtections(current.value, { ...wanted, ...context.ref, createdAt, createdBy });
  const protectsData = await holdsData(call, context.ref);
  orRefuse(decideVaultChange(current.value, vault, { protectsData }));
  await guardVaultChange(call, current.value, vault, requests);
  const saved = await call.catalog.vaults.replace(vault, current.etag);
  return saved === undefined
    ? refuse(fault("Conflict", { resource: vault.vaultName }))
    : json(200, presentVault(saved.value, vaultFacts(vault)), systemData(vault));
}
