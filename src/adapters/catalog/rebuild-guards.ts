import type { ResourceGuard } from "../../domain/resource-guard.ts";
import { guardPath } from "../../domain/vault-paths.ts";
import type { CatalogPorts } from "./catalog.ts";
import { createGuardRecords } from "./guard-records.ts";
import { parseBlob } from "./record-codec.ts";

/**
 * Brings one resource guard back from its mirror; answers why it cannot. Without its guard a
 * guarded vault refuses every critical operation, so a rebuild must not lose any.
 */
export async function restoreGuard(ports: CatalogPorts, path: string): Promise<string | undefined> {
  const body = (await ports.blobs.get(path)) ?? new Uint8Array();
  const guard = parseBlob<ResourceGuard>("guard", body);
  if (guard === undefined || guardPath(guard) !== path) {
    return "this is not the mirror of a guard of that name";
  }
  await createGuardRecords(ports).create(guard);
  return undefined;
}
