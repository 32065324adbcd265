import type { BlobStore } from "../../ports/blob-store.ts";
import type { Catalog } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TableStore } from "../../ports/table-store.ts";
import { createDueIndex } from "./due-index.ts";
import { createGuardRecords } from "./guard-records.ts";
import { createInstanceRecords } from "./instance-records.ts";
import { createJobRecords } from "./job-records.ts";
import { createOperationRecords } from "./operation-records.ts";
import { createPolicyRecords } from "./policy-records.ts";
import { createRecoveryPointRecords } from "./recovery-point-records.ts";
import { createVaultRecords } from "./vault-records.ts";

export interface CatalogPorts {
  readonly tables: TableStore;
  /** Where definitions are mirrored, so that `rebuildCatalog` can bring the tables back. */
  readonly blobs: BlobStore;
  /** Ages of dangling index rows; the machine's clock unless a test brings its own. */
  readonly clock?: Clock;
}

/** The catalog over any TableStore and BlobStore; docs/vault-format.md lists every key. */
export function createCatalog(ports: CatalogPorts): Catalog {
  const clock = ports.clock ?? { now: () => Date.now() };
  const stores = { tables: ports.tables, blobs: ports.blobs, clock };
  return {
    vaults: createVaultRecords(stores),
    policies: createPolicyRecords(stores),
    guards: createGuardRecords(stores),
    instances: createInstanceRecords(stores),
    recoveryPoints: createRecoveryPointRecords(ports.tables),
    jobs: createJobRecords(stores),
    operations: createOperationRecords(stores),
    due: createDueIndex(ports.tables),
  };
}
