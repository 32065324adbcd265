import { vaultResourceId } from "../../../domain/resource-id.ts";
import type { Vault } from "../../../domain/vault.ts";
import { weakensVault } from "../../../domain/vault-change.ts";
import { guardOperation } from "./guard.ts";
import type { ApiCall } from "./operation-record.ts";

/** Less soft delete or immutability is a critical operation. */
export async function guardVaultChange(
  call: ApiCall,
  current: Vault,
  next: Vault,
  requests: readonly string[],
): Promise<void> {
  if (!weakensVault(current, next)) return;
  const resourceId = vaultResourceId(current);
  await guardOperation(call, current, { operation: "weakenVault", resourceId, requests });
}
