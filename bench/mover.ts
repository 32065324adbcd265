import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startAzurite } from "../scripts/azurite.ts";
import { startCluster } from "../scripts/postgres-cluster.ts";
import { openContainer } from "../src/adapters/blob/container.ts";
import type { ContenderTask } from "./mover-contender.ts";
import { createRealisticDatabase } from "./mover-data.ts";
import { type ContenderStand, container, inChild, type Measured } from "./mover-run.ts";
import { startThrottle } from "./mover-throttle.ts";

/** Bytes a second of one connection, and of one blob request, on the shaped network. */
const shapedBytesPerSecond = 20 * 1024 * 1024;

interface Bench extends ContenderStand {
  readonly connections: number;
}

/** Contenders take turns, so that a slow minute of the machine meets all of them. */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      scale: { type: "string", default: "1" },
      connections: { type: "string", default: "4" },
      only: { type: "string", default: "" },
    },
  });
  const cluster = await startCluster({
    settings: {
      shared_buffers: "1GB",
      max_wal_size: "8GB",
      wal_level: "replica",
      max_wal_senders: "4",
    },
  });
  const azurite = await startAzurite();
  const temp = await mkdtemp(join(tmpdir(), "pgvault-bench-"));
  const bench = {
    cluster,
    storage: azurite.connectionString,
    temp,
    connections: Number(values.connections),
  };
  try {
    await openContainer({ connectionString: bench.storage }, container).create();
    await cluster.psql("CREATE DATABASE real");
    console.log("Building the database …");
    await createRealisticDatabase(cluster.url("real"), Number(values.scale));
    const rounds = await runRounds(bench, Number(values.rounds), values.only);
    const shaped = values.only === "" ? await runShaped(bench) : {};
    return { ...summarise(rounds), ...shaped };
  } finally {
    await azurite.stop();
    await cluster.stop();
    await rm(temp, { recursive: true, force: true });
  }
}

type Kind = ContenderTask["kind"];
const kinds: readonly Kind[] = ["fc", "zstd", "mover", "restore-fc", "restore-mover"];

async function runRounds(
  bench: Bench,
  rounds: number,
  only: string,
): Promise<Map<Kind, Measured[]>> {
  const results = new Map<Kind, Measured[]>(kinds.map((kind) => [kind, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const kind of kinds) {
      if (only !== "" && !only.split(",").includes(kind)) continue;
      const measured = await runRound(bench, kind, round);
      results.get(kind)?.push(measured);
      console.log(presentLine(`${round} ${kind}`, measured));
    }
  }
  return results;
}

function runRound(bench: Bench, kind: Kind, round: number): Promise<Measured> {
  const written = kind.replace("restore-", "");
  return runContender(bench, {
    kind,
    path: `${written}-${round}`,
    connections: bench.connections,
  });
}

/** A restore's database is made before, where the contender does not make it, and dropped after. */
async function runContender(
  bench: Bench,
  task: Omit<Parameters<typeof inChild>[1], "database">,
): Promise<Measured> {
  const restores = task.kind.startsWith("restore");
  if (task.kind === "restore-fc") await bench.cluster.psql("CREATE DATABASE target");
  await bench.cluster.psql("CHECKPOINT");
  const measured = await inChild(bench, { ...task, database: restores ? "target" : "real" });
  if (restores) await bench.cluster.psql("DROP DATABASE target");
  return measured;
}

/**
 * Through a network that gives each connection and request so much and no more: the mover with more
 * and more connections, each backup restored, and pg_restore with the one that it can use.
 */
async function runShaped(bench: Bench): Promise<Record<string, unknown>> {
  const server = await startThrottle(bench.cluster.port, shapedBytesPerSecond);
  const blobPort = Number(/BlobEndpoint=http:\/\/[^:]+:(\d+)/.exec(bench.storage)?.[1]);
  const blob = await startThrottle(blobPort, shapedBytesPerSecond);
  const { host, user, password } = bench.cluster;
  const network = {
    storage: bench.storage.replace(`:${blobPort}/`, `:${blob.port}/`),
    server: { host, port: server.port, user, password },
  };
  const seconds = async (kind: Kind, connections: number, path: string): Promise<number> => {
    const measured = await runContender(bench, { kind, path, connections, ...network });
    console.log(presentLine(`shaped ${kind}, ${connections} connection(s)`, measured));
    return measured.seconds;
  };
  try {
    const backups: number[] = [];
    const restores: number[] = [];
    for (const connections of [1, 2, 4]) {
      const path = `shaped-${connections}`;
      backups.push(await seconds("mover", connections, path));
      restores.push(await seconds("restore-mover", connections, path));
    }
    const stock = await seconds("restore-fc", 1, "fc-1");
    return {
      shaped_backup_speedup_1_2_4: speedups(backups),
      shaped_restore_speedup_1_2_4: speedups(restores),
      shaped_restore_vs_fc: round(stock / (restores.at(-1) ?? stock)),
    };
  } finally {
    server.stop();
    blob.stop();
  }
}

const speedups = (seconds: readonly number[]): readonly number[] =>
  seconds.map((value) => round((seconds[0] ?? value) / value));

function summarise(results: ReadonlyMap<Kind, readonly Measured[]>): Record<string, unknown> {
  const middle = (kind: Kind, of: (measured: Measured) => number): number =>
    median((results.get(kind) ?? []).map(of));
  const seconds = (kind: Kind): number => middle(kind, (measured) => measured.seconds);
  const movers = [...(results.get("mover") ?? []), ...(results.get("restore-mover") ?? [])];
  return {
    backup_vs_fc: round(seconds("fc") / seconds("mover")),
    backup_vs_zstd: round(seconds("zstd") / seconds("mover")),
    restore_vs_fc: round(seconds("restore-fc") / seconds("restore-mover")),
    peak_rss_mib: Math.round(Math.max(...movers.map((measured) => measured.peakRssMib))),
    stored_vs_fc: round(
      middle("mover", (measured) => measured.storedBytes) /
        middle("fc", (measured) => measured.storedBytes),
    ),
    staged_bytes: Math.max(...movers.map((measured) => measured.stagedBytes)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const round = (value: number): number => Math.round(value * 100) / 100;

const presentLine = (name: string, measured: Measured): string =>
  [
    name.padEnd(24),
    `${measured.seconds.toFixed(2)} s`.padStart(10),
    `cpu ${measured.cpuSeconds.toFixed(1)} s`.padStart(12),
    `${measured.peakRssMib.toFixed(0)} MiB`.padStart(10),
    measured.storedBytes === 0 ? "" : `${(measured.storedBytes / 1e6).toFixed(1)} MB`.padStart(12),
  ].join(" ");
