import { FaultError, fault } from "./fault.ts";
import { type Manifest, manifestVersion } from "./manifest.ts";

/**
 * Reads a manifest blob. Throws FaultError `RecoveryPointCorrupt` when it is not a manifest of a
 * version that this pgvault knows, so that a damaged one is never half understood.
 */
export function parseManifest(text: string, recoveryPointId: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt(recoveryPointId, "its manifest is not JSON.");
  }
  const problem = findProblem(value, recoveryPointId);
  if (problem !== undefined) throw corrupt(recoveryPointId, problem);
  return value as Manifest;
}

function findProblem(value: unknown, recoveryPointId: string): string | undefined {
  if (!isRecord(value)) return "its manifest is not a JSON object.";
  if (value["version"] !== manifestVersion)
    return `its manifest has version ${String(value["version"])}; this pgvault reads version ${manifestVersion}.`;
  if (value["recoveryPointId"] !== recoveryPointId)
    return `its manifest belongs to recovery point ${String(value["recoveryPointId"])}.`;
  for (const member of ["source", "retention", "archive"])
    if (!isRecord(value[member])) return `its manifest has no member '${member}'.`;
  const archive = value["archive"];
  if (!isRecord(archive) || !Array.isArray(archive["packs"]) || !Array.isArray(archive["files"]))
    return "its manifest lists no packs or no files.";
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const corrupt = (recoveryPoint: string, detail: string): FaultError =>
  new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint, detail }));
