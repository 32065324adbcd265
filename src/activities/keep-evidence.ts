import type { RecoveryPointEvidence } from "../domain/recovery-point.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import type { ActivityPorts } from "./ports.ts";

/** Writes the outcome of a verification or proof into the recovery point's record. */
export async function keepEvidence(
  { catalog, clock }: Pick<ActivityPorts, "catalog" | "clock">,
  { instance, recoveryPointId }: { instance: InstanceRef; recoveryPointId: string },
  evidence: Omit<RecoveryPointEvidence, "at">,
): Promise<void> {
  for (let attempt = 0; attempt < conflictLimit; attempt += 1) {
    const found = await catalog.recoveryPoints.get(instance, recoveryPointId);
    if (found === undefined) return;
    const verification = { ...evidence, at: new Date(clock.now()).toISOString() };
    const next = { ...found.value, verification };
    if (await catalog.recoveryPoints.replace(instance, next, found.etag)) return;
  }
}

const conflictLimit = 10;
