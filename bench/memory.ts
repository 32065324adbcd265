import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startAzurite } from "../scripts/azurite.ts";
import { startCluster } from "../scripts/postgres-cluster.ts";
import { openContainer } from "../src/adapters/blob/container.ts";
import { type ContenderStand, container, inChild, type Measured } from "./mover-run.ts";

interface Peaks {
  readonly backup: readonly Measured[];
  readonly restore: readonly Measured[];
}

/**
 * Peak memory of the mover's process and its children, by size of the database: `--sizes 100,4000`
 * in MB of rows. The same in all sizes is what must come out.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: "string", default: "100,1000" },
      rounds: { type: "string", default: "3" },
      connections: { type: "string", default: "4" },
    },
  });
  const sizes = values.sizes.split(",").map(Number);
  const cluster = await startCluster({
    settings: { shared_buffers: "512MB", max_wal_size: "8GB" },
  });
  const azurite = await startAzurite();
  const temp = await mkdtemp(join(tmpdir(), "pgvault-bench-"));
  const stand = { cluster, storage: azurite.connectionString, temp };
  try {
    await openContainer({ connectionString: stand.storage }, container).create();
    const peaks: Peaks[] = [];
    for (const sizeMb of sizes) {
      await cluster.psql(`CREATE DATABASE size_${sizeMb}`);
      await cluster.psql(rows(sizeMb), `size_${sizeMb}`);
      peaks.push(await measure(stand, sizeMb, Number(values.rounds), Number(values.connections)));
      await cluster.psql(`DROP DATABASE size_${sizeMb}`);
    }
    return summarise(sizes, peaks);
  } finally {
    await azurite.stop();
    await cluster.stop();
    await rm(temp, { recursive: true, force: true });
  }
}

/** Rows of 1,000 bytes that compress as little as hexadecimal can. */
const rows = (sizeMb: number): string => `
  CREATE FUNCTION line(seed bigint) RETURNS text LANGUAGE sql AS
    $$ SELECT string_agg(md5((seed * 31 + i)::text), '') FROM generate_series(1, 31) i $$;
  CREATE TABLE large AS SELECT g AS id, line(g) FROM generate_series(1, ${sizeMb * 600}) g;
  DO $$ BEGIN FOR i IN 1..4 LOOP
    EXECUTE format('CREATE TABLE medium_%s AS SELECT g AS id, line(g * %s) FROM generate_series(1, %s) g', i, i + 7, ${sizeMb * 100});
  END LOOP; END $$;
  DO $$ BEGIN FOR i IN 1..100 LOOP
    EXECUTE format('CREATE TABLE small_%s AS SELECT g AS id, md5(g::text) FROM generate_series(1, %s) g', i, i * 5);
  END LOOP; END $$;
  ANALYZE`;

async function measure(
  stand: ContenderStand,
  sizeMb: number,
  rounds: number,
  connections: number,
): Promise<Peaks> {
  const backup: Measured[] = [];
  const restore: Measured[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const path = `${sizeMb}-${round}`;
    const database = `size_${sizeMb}`;
    backup.push(await inChild(stand, { kind: "mover", path, database, connections }));
    const task = { path, database: "target", connections };
    restore.push(await inChild(stand, { kind: "restore-mover", ...task }));
    await stand.cluster.psql("DROP DATABASE target");
    const [down, up] = [backup.at(-1), restore.at(-1)];
    console.log(`${sizeMb} MB, round ${round}: backup ${present(down)}, restore ${present(up)}`);
  }
  return { backup, restore };
}

const present = (measured: Measured | undefined): string =>
  `${measured?.peakRssMib.toFixed(0)} MiB in ${measured?.seconds.toFixed(1)} s`;

function summarise(sizes: readonly number[], peaks: readonly Peaks[]): Record<string, unknown> {
  const backup = peaks.map((each) => median(each.backup));
  const restore = peaks.map((each) => median(each.restore));
  return {
    sizes_mb: sizes,
    backup_peak_rss_mib: backup,
    restore_peak_rss_mib: restore,
    backup_growth: growth(backup),
    restore_growth: growth(restore),
  };
}

function median(all: readonly Measured[]): number {
  const sorted = all.map(({ peakRssMib }) => peakRssMib).toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

/** Of the last size over the first. */
const growth = (values: readonly number[]): number =>
  Math.round(((values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN)) * 100) / 100;
