import { FaultError, fault } from "../../domain/fault.ts";
import type { Manifest } from "../../domain/manifest.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../../domain/recovery-point.ts";
import { type InstanceRef, instanceKey } from "../../domain/resource-id.ts";
import { rehydratedFolder } from "../../domain/vault-paths.ts";
import type { Activity } from "../activity-types.ts";
import { whileLeased } from "../leases.ts";
import type { ActivityPorts } from "../ports.ts";
import { requireManifest } from "../read-manifest.ts";
import { copyPacks } from "./move-packs.ts";
import { archivedFolder, storeOf, withStore } from "./stores.ts";

const dayMs = 86_400_000;

/**
 * Copies archived packs back to where they can be read, or looks how far that is: hours on Azure,
 * at once on Azurite. The archived original stays (azure-facts.md §12). Call it again until `done`;
 * a recovery point that the vault store holds is `done` at once.
 */
export const createRehydrateStep =
  (ports: ActivityPorts): Activity<"rehydrateStep"> =>
  (input) =>
    whileLeased(ports, input, async () => {
      const { instance: ref, recoveryPointId, rehydration } = input;
      const manifest = await requireManifest(ports, ref, recoveryPointId);
      const found = await ports.catalog.recoveryPoints.get(ref, recoveryPointId);
      const archived = found && storeOf(found.value, "ArchiveStore");
      if (found === undefined || storeOf(found.value, "VaultStore") !== undefined)
        return { state: "done", needed: false };
      if (archived === undefined) throw notArchived(ref, recoveryPointId);
      const expiresAt = laterOf(archived, ports.clock.now() + rehydration.retentionDays * dayMs);
      if (archived.rehydrationStatus !== "COMPLETED") {
        await mark(ports, ref, found.value, {
          ...archived,
          rehydrationStatus: "CREATE_IN_PROGRESS",
        });
        if ((await copy(ports, ref, manifest, rehydration.priority)) === "pending")
          return { state: "pending", needed: true };
      }
      await planEnd(ports, ref, recoveryPointId, expiresAt);
      await mark(ports, ref, found.value, {
        ...archived,
        rehydrationStatus: "COMPLETED",
        rehydrationExpiresAt: expiresAt,
      });
      return { state: "done", needed: true, expiresAt };
    });

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
const planEnd = (
  { catalog }: ActivityPorts,
  ref: InstanceRef,
  recoveryPointId: string,
  at: string,
): Promise<void> =>
  catalog.due.put({
    kind: "lifecycle",
    at,
    key: `${instanceKey(ref)}|${recoveryPointId}`,
    payload: { ...ref, recoveryPointId },
  });

const mark = (
  { catalog }: ActivityPorts,
  ref: InstanceRef,
  point: RecoveryPoint,
  store: RecoveryPointStore,
): Promise<void> => catalog.recoveryPoints.upsert(ref, withStore(point, "ArchiveStore", store));

const notArchived = (ref: InstanceRef, recoveryPoint: string): FaultError =>
  new FaultError(
    fault("UserErrorRecoveryPointNotFound", { recoveryPoint, instance: ref.instanceName }),
  );
