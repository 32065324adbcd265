import type { Activity } from "./activity-types.ts";
import { requireDatabaseTarget, resolveTarget } from "./check-restore.ts";
import { whileLeased } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireReadable } from "./restore-source.ts";
import { withProgress } from "./with-progress.ts";

/**
 * Restores into a new database. The mover marks it with this job's id, so that a repeated run first
 * removes what a killed one left, and nothing else.
 */
export const createRestoreDatabase =
  (ports: ActivityPorts): Activity<"restoreDatabase"> =>
  (input) =>
    whileLeased(ports, input, async (signal) => {
      const { instance, jobId, spec } = input;
      const { manifest, folder } = await requireReadable(ports, instance, spec.recoveryPointId);
      const target = await resolveTarget(ports, requireDatabaseTarget(spec));
      const request = {
        jobId,
        recoveryPointId: manifest.recoveryPointId,
        folder,
        archive: manifest.archive,
        source: manifest.source,
        target,
        settings: { connections: ports.settings.transfer.connections, ...spec.options },
      };
      return withProgress(ports, input, (onProgress) =>
        ports.mover.restoreDatabase(request, { signal, onProgress }),
      );
    });

/**
 * The last step of a restore that succeeded. Until the engine has recorded the success the mark must
 * stay: a repeated restore would otherwise take its own database for somebody else's.
 */
export const createKeepRestored =
  (ports: ActivityPorts): Activity<"keepRestored"> =>
  async ({ jobId, spec }) => {
    const target = await resolveTarget(ports, requireDatabaseTarget(spec));
    return { kept: await ports.servers.keepRestored(target, jobId) };
  };

/** Removes the half-restored database of a restore that is given up. */
export const createDropRestored =
  (ports: ActivityPorts): Activity<"dropRestored"> =>
  async ({ jobId, spec }) => {
    const target = await resolveTarget(ports, requireDatabaseTarget(spec));
    return { dropped: await ports.servers.dropRestored(target, jobId) };
  };
