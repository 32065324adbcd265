import { FaultError, toFault } from "../domain/fault.ts";
import type { RecoveryPointEvidence } from "../domain/recovery-point.ts";
import type { Activity, ActivityInput } from "./activity-types.ts";
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
        await keepEvidence(ports, input, true, `${outcome.segments} segments re-read`);
        return outcome;
      } catch (error) {
        if (error instanceof FaultError && error.fault.code === "RecoveryPointCorrupt")
          await keepEvidence(ports, input, false, toFault(error).message);
        throw error;
      }
    });

async function keepEvidence(
  { catalog, clock }: ActivityPorts,
  { instance, recoveryPointId }: ActivityInput<"verifyRecoveryPoint">,
  passed: boolean,
  detail: string,
): Promise<void> {
  const found = await catalog.recoveryPoints.get(instance, recoveryPointId);
  if (found === undefined) return;
  const at = new Date(clock.now()).toISOString();
  const verification: RecoveryPointEvidence = { kind: "Verified", at, passed, detail };
  await catalog.recoveryPoints.replace(instance, { ...found.value, verification }, found.etag);
}
