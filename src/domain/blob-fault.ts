import { type Fault, FaultError, fault } from "./fault.ts";

/** For a blob of a recovery point that is absent, short or altered. */
export const corruptBlob = (path: string, detail: string): FaultError =>
  new FaultError(
    fault("RecoveryPointCorrupt", {
      recoveryPoint: recoveryPointIdOf(path),
      detail: `blob '${path}' ${detail}`,
    }),
  );

/** For bytes that are in the archive tier and must be rehydrated before they can be read. */
export const archivedBlob = (path: string): FaultError =>
  new FaultError(
    fault("UserErrorRecoveryPointArchived", { recoveryPoint: recoveryPointIdOf(path) }),
  );

export const absentBlob = (path: string): FaultError =>
  new FaultError(fault("ResourceNotFound", { resource: path }));

/** Blocks named in a commit were never staged, or were discarded by somebody else's commit. */
export const missingBlocks = (path: string): FaultError =>
  new FaultError(
    fault("InternalError", { detail: `not every block of blob '${path}' has been staged` }),
  );

export const storageUnavailable = (detail: string): Fault =>
  fault("StorageUnavailable", { detail });

/** Azure limits of a block blob (shared/reference/azure-facts.md §12). */
export const blockLimits = { blocks: 50_000, blockBytes: 4000 * 1024 * 1024, idBytes: 64 } as const;

const recoveryPointIdOf = (path: string): string =>
  /\/recovery-points\/([^/]+)\//.exec(path)?.[1] ?? path;
