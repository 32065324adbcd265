import { wireInstant } from "../../../contract/instants.ts";
import type { VaultContext, VaultFacts } from "../../../contract/vault.ts";
import { formatRecordInstant } from "../../../domain/instant.ts";
import type { VaultRef } from "../../../domain/resource-id.ts";
import type { Vault } from "../../../domain/vault.ts";
import type { ApiCall } from "./operation-record.ts";

/** What the platform adds to a vault request. */
export const vaultContext = (call: ApiCall, ref: VaultRef): VaultContext => ({
  ref,
  at: formatRecordInstant(call.clock.now()),
  by: call.principal.name,
  ...call.settings.identity,
});

/** What else is answered about a vault. */
export const vaultFacts = ({ guardProxies }: Vault): VaultFacts => ({
  guarded: (guardProxies ?? []).length > 0,
});

/** Whether anything is or was protected in the vault, soft-deleted instances included. */
export async function holdsData(call: ApiCall, vault: VaultRef): Promise<boolean> {
  const page = await call.catalog.instances.list(vault, { limit: 1 });
  return page.items.length > 0;
}

/** JSON that fits into a header: what is not ASCII is escaped. */
const asciiJson = (value: object): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Header in which ARM tells who made and who last changed a resource. */
export const systemData = (vault: Vault): Readonly<Record<string, string>> => ({
  "x-ms-arm-resource-system-data": asciiJson({
    createdBy: vault.createdBy,
    createdByType: "User",
    createdAt: wireInstant(vault.createdAt),
    lastModifiedBy: vault.lastModifiedBy,
    lastModifiedByType: "User",
    lastModifiedAt: wireInstant(vault.lastModifiedAt),
  }),
});
