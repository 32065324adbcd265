import { type Instant, parseInstant } from "../../domain/instant.ts";
import type { Manifest } from "../../domain/manifest.ts";
import type { LifecyclePoint } from "../../domain/policy/lifecycle.ts";
import type { RecoveryPoint } from "../../domain/recovery-point.ts";
import { storeOf } from "./stores.ts";

/** A recovery point as the policy engine sees it, and every instant that it was promised. */
export function lifecyclePointOf(
  point: RecoveryPoint,
  { retention }: Manifest,
): LifecyclePoint & { readonly instants: readonly Instant[] } {
  const archived = storeOf(point, "ArchiveStore");
  const rehydratedUntilAt = parseInstant(archived?.rehydrationExpiresAt ?? "");
  const vaultExpiryAt = Date.parse(retention.vaultStoreExpiresAt);
  const expiryAt = Date.parse(retention.expiresAt);
  const archive = retention.archive && {
    option: retention.archive.option,
    dueAt: Date.parse(retention.archive.dueAt),
    expiryAt: Date.parse(retention.archive.expiresAt),
  };
  return {
    promise: { vaultExpiryAt, expiryAt, ...(archive === undefined ? {} : { archive }) },
    isInVaultStore: storeOf(point, "VaultStore") !== undefined,
    isInArchiveStore: archived !== undefined,
    ...(rehydratedUntilAt === undefined ? {} : { rehydratedUntilAt }),
    isExpired: false,
    instants: [vaultExpiryAt, expiryAt, archive?.dueAt, rehydratedUntilAt].filter(
      (at) => at !== undefined,
    ),
  };
}
