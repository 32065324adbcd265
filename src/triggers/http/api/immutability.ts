import { refOf } from "../../../contract/backup-instance.ts";
import type { BackupInstance } from "../../../domain/backup-instance.ts";
import { fault } from "../../../domain/fault.ts";
import type { Vault } from "../../../domain/vault.ts";
import { refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";

/** An immutable vault never deletes recovery points before their time (azure-facts.md §9). */
export async function requireMutableVault(
  call: ApiCall,
  vault: Vault,
  instance: BackupInstance,
): Promise<void> {
  const state = vault.immutability?.state ?? "Disabled";
  if (state === "Disabled") return;
  const points = await call.catalog.recoveryPoints.list(refOf(instance), { limit: 1 });
  const [point] = points.items;
  if (point === undefined) return;
  refuse(
    fault("UserErrorBlockedByImmutability", {
      vault: vault.vaultName,
      detail: `immutability is ${state} and backup instance '${instance.name}' has recovery points, such as '${point.id}'; stop protection and retain them instead`,
    }),
  );
}
