import type { BlobStore } from "../../../ports/blob-store.ts";
import type { ArchiveExporter, DataMover, RecoveryProver } from "../../../ports/data-mover.ts";
import type { KeyWrapper } from "../../../ports/key-wrapper.ts";
import type { ClientToolSource } from "../client-tools.ts";
import { dumpDatabase } from "./dump-database.ts";
import { exportFiles } from "./export-files.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { proveRecovery } from "./prove-recovery.ts";
import { restoreDatabase } from "./restore-database.ts";
import { verifyArchive } from "./verify-archive.ts";

export interface DataMoverOptions {
  readonly keys?: KeyWrapper;
  readonly blobs: BlobStore;
  readonly tools: ClientToolSource;
  /** How long a dump waits for a table that somebody else has locked exclusively. */
  readonly lockWaitMs?: number;
}

const defaultLockWaitMs = 30_000;

/** The parallel mover: nothing staged on disk, pg_restore-compatible, everything checksummed. */
export type PostgresDataMover = DataMover & ArchiveExporter & RecoveryProver;

export function createDataMover(options: DataMoverOptions): PostgresDataMover {
  const deps: MoverDependencies = { lockWaitMs: defaultLockWaitMs, ...options };
  return {
    dump: (request, control) => dumpDatabase(deps, request, control),
    verify: (archive, control) => verifyArchive(deps, archive, control),
    restoreDatabase: (request, control) => restoreDatabase(deps, request, control),
    restoreFiles: (request, sink, control) => exportFiles(deps, request, sink, control),
    prove: (request, proof, control) => proveRecovery(deps, request, proof, control),
  };
}
