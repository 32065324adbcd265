import { DefaultAzureCredential } from "@azure/identity";
import { reviewRow } from "../activities/lifecycle/plan-review.ts";
import { planNextBackup } from "../activities/plan-next-backup.ts";
import { planValidation } from "../activities/plan-validation.ts";
import type { ActivityPorts } from "../activities/ports.ts";
import { createBlobStore } from "../adapters/blob/blob-store.ts";
import { type RebuildReport, rebuildCatalog } from "../adapters/catalog/rebuild.ts";
import { createTableStore } from "../adapters/table/table-store.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import type { Config } from "./config.ts";
import { blobAccountOf, createPorts, tableAccountOf } from "./ports.ts";

/**
 * Writes the tables anew from the blobs, then plans what the blobs cannot know: next backups,
 * validations and lifecycle reviews. Adds what is missing and leaves what is there; may run twice.
 */
export async function rebuildTables(config: Config): Promise<RebuildReport> {
  const credential = new DefaultAzureCredential();
  const account = blobAccountOf(config, credential);
  const report = await rebuildCatalog({
    tables: createTableStore({ account: tableAccountOf(config, credential) }),
    blobs: createBlobStore({ account, container: config.PGVAULT_CONTAINER }),
  });
  const ports = createPorts(config);
  for (const ref of report.instances) await plan(ports, ref);
  return report;
}

const pageLimit = 500;

async function plan(ports: ActivityPorts, ref: InstanceRef): Promise<void> {
  await planNextBackup(ports, ref);
  await planValidation(ports, ref);
  let continuation: string | undefined;
  do {
    const page = await ports.catalog.recoveryPoints.list(ref, {
      limit: pageLimit,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const point of page.items)
      await ports.catalog.due.put(reviewRow(ref, point.id, ports.clock.now()));
    continuation = page.continuation;
  } while (continuation !== undefined);
}
