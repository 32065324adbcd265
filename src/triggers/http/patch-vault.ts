import { vaultResultPath } from "../../contract/operation.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { patchVault as mergePatch, vaultPatchSchema } from "../../contract/vault.ts";
import { fault } from "../../domain/fault.ts";
import { decideVaultChange } from "../../domain/vault-change.ts";
import { accepted, orRefuse, refuse } from "./api/answers.ts";
import { guardVaultChange } from "./api/guard-vault-change.ts";
import { loadVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { endedOperation } from "./api/operations-start.ts";
import { vaultPath } from "./api/paths.ts";
import { holdsData, vaultContext } from "./api/vault-facts.ts";

export const patchVault: ApiOperation = {
  id: "BackupVaults_Update",
  summary: "Changes the sections of a backup vault that the body names.",
  method: "PATCH",
  path: vaultPath,
  permission: "Microsoft.DataProtection/backupVaults/write",
  body: { schema: "PatchResourceRequestInput", required: true },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(vaultPatchSchema, call.body));
    const current = await loadVault(call);
    const vault = mergePatch(current.value, wire, vaultContext(call, current.value));
    const protectsData = await holdsData(call, vault);
    orRefuse(decideVaultChange(current.value, vault, { protectsData }));
    const requests = wire.properties?.resourceGuardOperationRequests ?? [];
    await guardVaultChange(call, current.value, vault, requests);
    if ((await call.catalog.vaults.replace(vault, current.etag)) === undefined) {
      return refuse(fault("Conflict", { resource: vault.vaultName }));
    }
    const operation = await endedOperation(call, vault, "PatchVault");
    return accepted(call, operation, vaultResultPath(vault, operation.id));
  },
};
