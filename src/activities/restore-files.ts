import { FaultError, fault } from "../domain/fault.ts";
import type { FilesTarget, RestoreSpec } from "../domain/restore-spec.ts";
import type { Activity } from "./activity-types.ts";
import { whileLeased } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireReadable } from "./restore-source.ts";
import { withProgress } from "./with-progress.ts";

/**
 * Writes the archive as files of a plain directory archive into the customer's container. Repeating
 * it writes the same files again.
 */
export const createRestoreFiles =
  (ports: ActivityPorts): Activity<"restoreFiles"> =>
  (input) =>
    whileLeased(ports, input, async (signal) => {
      const { instance, spec } = input;
      const { url, filePrefix } = requireFilesTarget(spec);
      const { manifest, folder } = await requireReadable(ports, instance, spec.recoveryPointId);
      const request = {
        recoveryPointId: manifest.recoveryPointId,
        folder,
        archive: manifest.archive,
        source: manifest.source,
        // Every pg_restore reads gzip; 15 and older read nothing else that is compressed.
        compression: "gzip",
        connections: ports.settings.transfer.connections,
      } as const;
      const sink = ports.containers.open(url, filePrefix);
      return withProgress(ports, input, (onProgress) =>
        ports.mover.restoreFiles(request, sink, { signal, onProgress }),
      );
    });

function requireFilesTarget({ target }: RestoreSpec): FilesTarget {
  if (target.kind === "files") return target;
  const detail = "The restore request names a database, not a container.";
  throw new FaultError(fault("UserErrorNotSupported", { detail }));
}
