import { FaultError, toFault } from "../domain/fault.ts";
import type { Activity } from "./activity-types.ts";
import { keepEvidence } from "./keep-evidence.ts";
import { whileLeased } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireReadable } from "./restore-source.ts";
import { withProgress } from "./with-progress.ts";

/** Re-reads every segment, compares checksums, and keeps the outcome with the recovery point. */
export const createVerifyRecoveryPoint =
  (ports: ActivityPorts): Activity<"verifyRecoveryPoint"> =>
  (input) =>
    whileLeased(ports, input, async (signal) => {
      const { instance, recoveryPointId } = input;
      const { manifest, folder } = await requireReadable(ports, instance, recoveryPointId);
      const { archive } = manifest;
      try {
        const outcome = await withProgress(ports, input, (onProgress) =>
          ports.mover.verify({ recoveryPointId, folder, archive }, { signal, onProgress }),
        );
        const detail = `${outcome.segments} segments re-read`;
        await keepEvidence(ports, input, { kind: "Verified", passed: true, detail });
        return outcome;
      } catch (error) {
        if (error instanceof FaultError && error.fault.code === "RecoveryPointCorrupt")
          await keepEvidence(ports, input, {
            kind: "Verified",
            passed: false,
            detail: toFault(error).message,
          });
        throw error;
      }
    });
