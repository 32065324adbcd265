import { isTerminal, type Job } from "../../domain/job.ts";
import type { VaultRef } from "../../domain/resource-id.ts";
import type { Page, PageRequest } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Row, TableStore } from "../../ports/table-store.ts";
import { epochMs, folded, oldestFirst, vaultPartition, vaultParts, vaultRefOf } from "./keys.ts";
import { encodeRecord, parseRecord } from "./record-codec.ts";

interface OpenJob {
  readonly vault: VaultRef;
  readonly jobId: string;
  readonly startedAt: string;
  /** Row of the job in its vault's partition. */
  readonly row: string;
}

export interface OpenJobs {
  add(job: Job, row: string): Promise<void>;
  remove(job: Job): Promise<void>;
  /** After a failed create that had added `attempted`: removes what that left too much. */
  tidy(attempted: Job, existing: Job): Promise<void>;
  list(page: PageRequest): Promise<Page<{ vault: VaultRef; jobId: string }>>;
}

const partition = "open";

/** An entry without its job counts as about to be created for this long. */
const danglingMs = 60 * 60_000;
const readsAtOnce = 16;

/** Jobs in progress over all vaults, `<oldest first>|<vault>|<id>`; reading mends what dangles. */
export function createOpenJobs(ports: {
  readonly tables: TableStore;
  readonly clock: Clock;
}): OpenJobs {
  const { tables, clock } = ports;
  const remove = async (job: Job): Promise<void> => {
    await tables.delete("jobs", partition, rowOf(job));
  };

  const isOpen = async (entry: Row): Promise<boolean> => {
    const open = parseRecord<OpenJob>(entry);
    const job = await tables.get("jobs", vaultPartition(open.vault), open.row);
    if (job !== undefined && !isTerminal(parseRecord<Job>(job).status)) return true;
    if (job !== undefined || clock.now() - epochMs(open.startedAt) > danglingMs) {
      await tables.delete("jobs", partition, entry.row, entry.etag);
    }
    return false;
  };

  return {
    async add(job, row) {
      const { id: jobId, startedAt } = job;
      const value = encodeRecord({ vault: vaultRefOf(job.vault), jobId, startedAt, row });
      await tables.upsert("jobs", { partition, row: rowOf(job), value });
    },
    remove,
    async tidy(attempted, existing) {
      if (isTerminal(existing.status) || rowOf(attempted) !== rowOf(existing)) {
        await remove(attempted);
      }
    },
    async list(page) {
      const found = await tables.query("jobs", {
        partition,
        limit: page.limit,
        ...(page.continuation === undefined ? {} : { continuation: page.continuation }),
      });
      const open: boolean[] = [];
      for (let start = 0; start < found.rows.length; start += readsAtOnce) {
        open.push(...(await Promise.all(found.rows.slice(start, start + readsAtOnce).map(isOpen))));
      }
      return {
        items: found.rows.flatMap((row, index) =>
          open[index] === true ? [presentEntry(row)] : [],
        ),
        ...(found.continuation === undefined ? {} : { continuation: found.continuation }),
      };
    },
  };
}

const rowOf = (job: Job): string =>
  folded(oldestFirst(job.startedAt), ...vaultParts(job.vault), job.id);

function presentEntry(row: Row): { vault: VaultRef; jobId: string } {
  const { vault, jobId } = parseRecord<OpenJob>(row);
  return { vault, jobId };
}
