import { fault } from "../../domain/fault.ts";
import { accepted, empty, refuse } from "./api/answers.ts";
import { vaultRefOf } from "./api/load.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { endedOperation } from "./api/operations-start.ts";
import { vaultPath } from "./api/paths.ts";

export const deleteVault: ApiOperation = {
  id: "BackupVaults_Delete",
  summary: "Deletes an empty backup vault.",
  method: "DELETE",
  path: vaultPath,
  permission: "Microsoft.DataProtection/backupVaults/delete",
  answers: [202, 204],
  async handle(call) {
    const ref = vaultRefOf(call);
    const found = await call.catalog.vaults.get(ref);
    if (found === undefined) return empty(204);
    const content = await contentOf(call);
    if (content !== undefined) {
      return refuse(
        fault("UserErrorVaultNotEmpty", { vault: found.value.vaultName, detail: content }),
      );
    }
    await call.catalog.vaults.delete(ref);
    return accepted(call, await endedOperation(call, found.value, "DeleteVault"));
  },
};

/** Names something that is still in the vault. */
async function contentOf(call: ApiCall): Promise<string | undefined> {
  const ref = vaultRefOf(call);
  const instances = await call.catalog.instances.list(ref, { limit: 1 });
  const [instance] = instances.items;
  if (instance !== undefined) {
    return instance.deletion === undefined
      ? `backup instance '${instance.name}'`
      : `soft-deleted backup instance '${instance.name}', to be purged at ${instance.deletion.scheduledPurgeAt}`;
  }
  const policies = await call.catalog.policies.list(ref, { limit: 1 });
  const [policy] = policies.items;
  return policy === undefined ? undefined : `backup policy '${policy.name}'`;
}
