import { setTimeout as sleep } from "node:timers/promises";
import { FaultError, fault } from "../../domain/fault.ts";
import { applyJobChange, isTerminal, type Job } from "../../domain/job.ts";
import type { VaultRef } from "../../domain/resource-id.ts";
import { afterPrefix } from "../../domain/table-key.ts";
import type { JobRecords } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TableStore } from "../../ports/table-store.ts";
import { folded, newestFirst, vaultPartition } from "./keys.ts";
import { createOpenJobs } from "./open-jobs.ts";
import { encodeRecord, parseRecord, parseVersioned } from "./record-codec.ts";

/** Changers of one job at the same moment: its workflow, its progress, a cancellation, the watch. */
const maxRounds = 30;
const pauseMs = 20;

/**
 * One partition for each vault: `t|<newest first>|<id>` holds the job, `i|<id>` names that row; both
 * are written in one transaction and never removed. The index of open jobs (open-jobs.ts) lies
 * elsewhere: it is written before the job and removed after its end, so it may name too many, never
 * too few.
 */
export function createJobRecords(ports: {
  readonly tables: TableStore;
  readonly clock: Clock;
}): JobRecords {
  const { tables } = ports;
  const openJobs = createOpenJobs(ports);

  const find = async (vault: VaultRef, jobId: string) => {
    const partition = vaultPartition(vault);
    const pointer = await tables.get("jobs", partition, pointerRow(jobId));
    if (pointer === undefined) return undefined;
    return await tables.get("jobs", partition, parseRecord<{ row: string }>(pointer).row);
  };

  return {
    async create(job) {
      const row = jobRow(job);
      if (!isTerminal(job.status)) await openJobs.add(job, row);
      const created = await tables.transact("jobs", vaultPartition(job.vault), [
        { kind: "insert", row, value: encodeRecord(job) },
        { kind: "insert", row: pointerRow(job.id), value: { row } },
      ]);
      if (created !== undefined) return true;
      const existing = await find(job.vault, job.id);
      if (existing !== undefined) await openJobs.tidy(job, parseRecord<Job>(existing));
      return false;
    },

    async get(vault, jobId) {
      const row = await find(vault, jobId);
      return row === undefined ? undefined : parseVersioned<Job>(row);
    },

    async change(vault, jobId, change) {
      let row = await find(vault, jobId);
      for (let round = 1; round <= maxRounds && row !== undefined; round++) {
        const job = applyJobChange(parseRecord<Job>(row), change);
        const next = { partition: row.partition, row: row.row, value: encodeRecord(job) };
        if ((await tables.replace("jobs", next, row.etag)) !== undefined) {
          // Also when it was terminal before: whoever ended it may have died before this.
          if (isTerminal(job.status)) await openJobs.remove(job);
          return job;
        }
        await sleep(Math.random() * pauseMs * Math.min(round, 10));
        row = await tables.get("jobs", row.partition, row.row);
      }
      if (row === undefined) return undefined;
      throw new FaultError(fault("Conflict", { resource: `job ${jobId}` }));
    },

    async list(vault, page) {
      const found = await tables.query("jobs", {
        partition: vaultPartition(vault),
        from: "t|",
        to: afterPrefix("t"),
        limit: page.limit,
        ...(page.continuation === undefined ? {} : { continuation: page.continuation }),
      });
      return {
        items: found.rows.map((row) => parseRecord<Job>(row)),
        ...(found.continuation === undefined ? {} : { continuation: found.continuation }),
      };
    },

    open: (page) => openJobs.list(page),
  };
}

const jobRow = (job: Job): string => folded("t", newestFirst(job.startedAt), job.id);

const pointerRow = (jobId: string): string => folded("i", jobId);
