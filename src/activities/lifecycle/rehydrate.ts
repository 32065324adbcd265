import { FaultError, fault } from "../../domain/fault.ts";
import { dayMs } from "../../domain/instant.ts";
import type { Manifest } from "../../domain/manifest.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../../domain/recovery-point.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { rehydratedFolder } from "../../domain/vault-paths.ts";
import type { Activity } from "../activity-types.ts";
import { whileLeased } from "../leases.ts";
import type { ActivityPorts } from "../ports.ts";
import { requireManifest } from "../read-manifest.ts";
import { copyPacks } from "./move-packs.ts";
import { reviewRow } from "./plan-review.ts";
import { archivedFolder, storeOf, withStore } from "./stores.ts";

/**
 * Copies archived packs back to where they can be read, or looks how far that is: hours on Azure,
 * at once on Azurite. The archived original stays (azure-facts.md §12). Call it again until `done`;
 * a recovery point that the vault store holds is `done` at once. From before the first copy on a due
 * row knows when the copies end, so that a rehydration that is given up leaves nothing.
 */
export const createRehydrateStep =
  (ports: ActivityPorts): Activity<"rehydrateStep"> =>
  (input) =>
    whileLeased(ports, input, async () => {
      const { instance: ref, recoveryPointId: id, rehydration } = input;
      const manifest = await requireManifest(ports, ref, id);
      const point = (await ports.catalog.recoveryPoints.get(ref, id))?.value;
      if (point === undefined || storeOf(point, "VaultStore") !== undefined)
        return { state: "done", needed: false };
      const archived = storeOf(point, "ArchiveStore");
      if (archived === undefined) throw notArchived(ref, id);
      const until = laterOf(archived, ports.clock.now() + rehydration.retentionDays * dayMs);
      if (archived.rehydrationStatus !== "COMPLETED") {
        if (archived.rehydrationStatus !== "CREATE_IN_PROGRESS")
          await promise(ports, ref, point, { ...archived, ...underWay(until) });
        if ((await copy(ports, ref, manifest, rehydration.priority)) === "pending")
          return { state: "pending", needed: true };
      }
      await promise(ports, ref, point, { ...archived, ...completed(until) });
      return { state: "done", needed: true, expiresAt: until };
    });

const underWay = (until: string) =>
  ({ rehydrationStatus: "CREATE_IN_PROGRESS", rehydrationExpiresAt: until }) as const;

const completed = (until: string) =>
  ({ rehydrationStatus: "COMPLETED", rehydrationExpiresAt: until }) as const;

const copy = (
  { blobs }: ActivityPorts,
  ref: InstanceRef,
  manifest: Manifest,
  priority: "Standard" | "High",
) =>
  copyPacks(
    blobs,
    manifest,
    archivedFolder(ref, manifest),
    rehydratedFolder(ref, manifest.recoveryPointId, manifest.attempt),
    { tier: "Hot", priority },
  );

/** A second rehydration never shortens what the first one promised. */
const laterOf = ({ rehydrationExpiresAt }: RecoveryPointStore, atMs: number): string =>
  [rehydrationExpiresAt ?? "", new Date(atMs).toISOString()].toSorted().at(-1) ?? "";

/** The due row comes first: a copy that nobody remembers would stay for ever. */
async function promise(
  { catalog }: ActivityPorts,
  ref: InstanceRef,
  point: RecoveryPoint,
  store: RecoveryPointStore & { readonly rehydrationExpiresAt: string },
): Promise<void> {
  await catalog.due.put(reviewRow(ref, point.id, Date.parse(store.rehydrationExpiresAt)));
  await catalog.recoveryPoints.upsert(ref, withStore(point, "ArchiveStore", store));
}

const notArchived = (ref: InstanceRef, recoveryPoint: string): FaultError =>
  new FaultError(
    fault("UserErrorRecoveryPointNotFound", { recoveryPoint, instance: ref.instanceName }),
  );
