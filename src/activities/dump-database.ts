import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import { packFolder } from "../domain/vault-paths.ts";
import type { DumpOutcome } from "../ports/data-mover.ts";
import type { Activity, ActivityInput, DumpSummary } from "./activity-types.ts";
import { dumpSettingsOf } from "./dump-settings.ts";
import { whileLeased } from "./leases.ts";
import { loadInstance, resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { withProgress } from "./with-progress.ts";

/** The mover's outcome, beside the packs, until the commit turns it into the manifest. */
export const draftName = "dump.json";

/**
 * Dumps into a folder that only this run of the activity writes to: when a killed host's activity
 * runs again, the two never mix, and whatever is not committed in the end is discarded.
 */
export const createDumpDatabase =
  (ports: ActivityPorts): Activity<"dumpDatabase"> =>
  (input) =>
    whileLeased(ports, input, (signal) => dumpAttempt(ports, input, signal), input.slot);

async function dumpAttempt(
  ports: ActivityPorts,
  input: ActivityInput<"dumpDatabase">,
  signal: AbortSignal,
): Promise<DumpSummary> {
  const { instance: ref, jobId } = input;
  const { value: instance } = await loadInstance(ports, ref);
  const source = await resolveDatabase(ports, instance.datasource, instance.credentials);
  const attempt = `${input.attempt}-${ports.ids.newGuid().slice(0, 8)}`;
  const folder = packFolder(ref, recoveryPointIdOf(jobId), attempt);
  await ports.servers.endSessions(source, jobId);
  const settings = dumpSettingsOf(ports.settings.transfer, instance.policyParameters);
  const outcome = await withProgress(ports, input, (onProgress) =>
    ports.mover.dump({ jobId, source, folder, settings }, { signal, onProgress }),
  );
  await writeDraft(ports, folder, outcome);
  return {
    attempt,
    takenAt: outcome.takenAt,
    storedBytes: outcome.archive.storedBytes,
    rawBytes: outcome.archive.rawBytes,
    sourceBytes: outcome.source.databaseBytes,
    serverVersion: outcome.source.serverVersion,
  };
}

async function writeDraft(
  { blobs }: Pick<ActivityPorts, "blobs">,
  folder: string,
  outcome: DumpOutcome,
): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(outcome));
  await blobs.put(`${folder}/${draftName}`, body, { contentType: "application/json" });
}
