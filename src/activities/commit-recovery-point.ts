import type { BackupInstance } from "../domain/backup-instance.ts";
import type { BackUpTrigger } from "../domain/backup-trigger.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { parseInstant } from "../domain/instant.ts";
import { type Manifest, manifestVersion } from "../domain/manifest.ts";
import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import { manifestPath, packFolder } from "../domain/vault-paths.ts";
import type { DumpOutcome } from "../ports/data-mover.ts";
import type { Activity, ActivityInput } from "./activity-types.ts";
import { decideRetention } from "./decide-retention.ts";
import { draftName } from "./dump-database.ts";
import { indexRecoveryPoint } from "./index-recovery-point.ts";
import { whileLeased } from "./leases.ts";
import { loadInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { readManifest } from "./read-manifest.ts";

/**
 * Makes the dump a recovery point by writing its manifest, once. Before that the packs are looked at
 * again; after it only indexes are written, which a repeated run writes again.
 */
export const createCommitRecoveryPoint =
  (ports: ActivityPorts): Activity<"commitRecoveryPoint"> =>
  (input) =>
    whileLeased(ports, input, async () => {
      const { value: instance } = await loadInstance(ports, input.instance);
      const recoveryPointId = recoveryPointIdOf(input.jobId);
      const manifest =
        (await readManifest(ports, input.instance, recoveryPointId)) ??
        (await writeManifest(ports, instance, input));
      await indexRecoveryPoint(ports, input.instance, manifest, scheduledAt(input.trigger));
      const { tag, rule, reason, expiresAt } = manifest.retention;
      return { recoveryPointId, takenAt: manifest.takenAt, tag, rule, reason, expiresAt };
    });

async function writeManifest(
  ports: ActivityPorts,
  instance: BackupInstance,
  { instance: ref, jobId, attempt, trigger }: ActivityInput<"commitRecoveryPoint">,
): Promise<Manifest> {
  const recoveryPointId = recoveryPointIdOf(jobId);
  const folder = packFolder(ref, recoveryPointId, attempt);
  const outcome = await readDraft(ports, folder);
  await requirePacks(ports, folder, outcome, recoveryPointId);
  const committedAt = ports.clock.now();
  const manifest: Manifest = {
    version: manifestVersion,
    recoveryPointId,
    jobId,
    source: {
      ...outcome.source,
      instanceName: instance.name,
      friendlyName: instance.friendlyName,
      datasourceId: instance.datasource.resourceId,
    },
    retention: await decideRetention(ports, instance, trigger, committedAt),
    attempt,
    archive: outcome.archive,
    takenAt: outcome.takenAt,
    committedAt: new Date(committedAt).toISOString(),
  };
  await putManifest(ports, ref, manifest);
  return manifest;
}

/** The lease makes a second writer impossible; should there be one all the same, it is told. */
async function putManifest(
  { blobs }: ActivityPorts,
  ref: InstanceRef,
  manifest: Manifest,
): Promise<void> {
  const path = manifestPath(ref, manifest.recoveryPointId);
  const body = new TextEncoder().encode(JSON.stringify(manifest));
  const outcome = await blobs.put(path, body, {
    onlyIfAbsent: true,
    contentType: "application/json",
  });
  if (outcome === "exists") throw new FaultError(fault("Conflict", { resource: path }));
}

async function readDraft({ blobs }: ActivityPorts, folder: string): Promise<DumpOutcome> {
  const draft = await blobs.get(`${folder}/${draftName}`);
  if (draft === undefined) {
    const detail = `the dump's outcome ${folder}/${draftName} is gone.`;
    throw new FaultError(fault("DumpFailed", { database: folder, detail }));
  }
  // Written by our own activity a moment ago.
  return JSON.parse(new TextDecoder().decode(draft)) as DumpOutcome;
}

async function requirePacks(
  { blobs }: ActivityPorts,
  folder: string,
  { archive, source }: DumpOutcome,
  recoveryPointId: string,
): Promise<void> {
  for (const pack of archive.packs) {
    const found = await blobs.properties(`${folder}/${pack.name}`);
    if (found?.lengthBytes === pack.length) continue;
    const has = found === undefined ? "is missing" : `has ${found.lengthBytes} bytes`;
    const detail = `pack ${pack.name} of recovery point ${recoveryPointId} ${has}, expected ${pack.length}.`;
    throw new FaultError(fault("DumpFailed", { database: source.database, detail }));
  }
}

const scheduledAt = (trigger: BackUpTrigger): number | undefined =>
  trigger.kind === "scheduled" ? parseInstant(trigger.dueAt) : undefined;
