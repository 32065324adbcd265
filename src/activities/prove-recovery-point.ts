import type { DatabaseConnection } from "../domain/connection.ts";
import { FaultError, toFault } from "../domain/fault.ts";
import { defaultRestoreOptions } from "../domain/restore-spec.ts";
import type { Activity, ActivityInput } from "./activity-types.ts";
import { keepEvidence } from "./keep-evidence.ts";
import { whileLeased } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireReadable } from "./restore-source.ts";
import { withProgress } from "./with-progress.ts";

/**
 * Restores into a scratch database of the given server, compares the rows of every table with those
 * counted at dump time, drops it, and keeps the evidence with the recovery point.
 */
export const createProveRecoveryPoint =
  (ports: ActivityPorts): Activity<"proveRecoveryPoint"> =>
  (input) =>
    whileLeased(ports, input, async (signal) => {
      const { instance, recoveryPointId, jobId, checksums } = input;
      const { manifest, folder } = await requireReadable(ports, instance, recoveryPointId);
      const request = {
        jobId,
        recoveryPointId,
        folder,
        archive: manifest.archive,
        source: manifest.source,
        target: await scratchDatabase(ports, input),
        settings: { connections: ports.settings.transfer.connections, ...defaultRestoreOptions },
      };
      try {
        const proof = await withProgress(ports, input, (onProgress) =>
          ports.mover.prove(request, { checksums }, { signal, onProgress }),
        );
        const detail = `${proof.tables.length} tables, ${proof.rows} rows restored on PostgreSQL ${proof.serverVersion} and counted${checksums ? ", content hashed" : ""}`;
        await keepEvidence(ports, input, { kind: "Proven", passed: true, detail });
        return { tables: proof.tables.length, rows: proof.rows, bytes: proof.bytes };
      } catch (error) {
        if (isAgainstThePoint(error))
          await keepEvidence(ports, input, {
            kind: "Proven",
            passed: false,
            detail: toFault(error).message,
          });
        throw error;
      }
    });

/** Removes the scratch database of a proof that is given up. */
export const createDropScratch =
  (ports: ActivityPorts): Activity<"dropScratch"> =>
  async (input) => {
    const target = await scratchDatabase(ports, input);
    return { dropped: await ports.servers.dropRestored(target, input.jobId) };
  };

async function scratchDatabase(
  { connections }: Pick<ActivityPorts, "connections">,
  { server, jobId }: Pick<ActivityInput<"dropScratch">, "server" | "jobId">,
): Promise<DatabaseConnection> {
  const connection = await connections.resolve(server.credentials, server.resourceId);
  return { ...connection, database: `pgvault_proof_${jobId.slice(0, 8)}` };
}

/** A server that cannot be reached says nothing about the recovery point. */
const isAgainstThePoint = (error: unknown): boolean =>
  error instanceof FaultError &&
  (error.fault.code === "RecoveryPointCorrupt" || error.fault.code === "RestoreFailed");
