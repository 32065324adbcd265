/** One run of one contender in a process of its own, so that its time and memory are its own. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createBlobStore } from "../src/adapters/blob/blob-store.ts";
import { createClientTools } from "../src/adapters/postgres/client-tools.ts";
import { createDataMover } from "../src/adapters/postgres/mover/create-data-mover.ts";
import { Secret } from "../src/domain/connection.ts";
import type { BlobStore } from "../src/ports/blob-store.ts";
import type { DumpOutcome } from "../src/ports/data-mover.ts";

export interface ContenderTask {
  readonly kind: "fc" | "zstd" | "mover" | "restore-fc" | "restore-mover";
  readonly storage: string;
  readonly container: string;
  readonly path: string;
  readonly server: { host: string; port: number; user: string; password: string };
  readonly binDir: string;
  readonly database: string;
  readonly connections: number;
  /** Where the mover keeps its manifest between dump and restore. */
  readonly manifest: string;
  /** Upper bound of the temporary files' folder, to tell what was staged. */
  readonly temp: string;
}

export interface ContenderResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly storedBytes: number;
}

const blockBytes = 8 * 1024 * 1024;
const blocksInFlight = 4;
const ticksPerSecond = 100;

const task: ContenderTask = JSON.parse(process.env["PGVAULT_BENCH_TASK"] ?? "{}");
const blobs = createBlobStore({
  account: { connectionString: task.storage },
  container: task.container,
});
const libpqEnv = {
  PATH: process.env["PATH"],
  PGHOST: task.server.host,
  PGPORT: String(task.server.port),
  PGUSER: task.server.user,
  PGPASSWORD: task.server.password,
};
const connection = {
  ...task.server,
  password: new Secret(task.server.password),
  sslMode: "disable" as const,
};
const control = { signal: new AbortController().signal, onProgress: () => {} };

const cpuBefore = await cpuSecondsWithChildren();
const startedMs = performance.now();
const storedBytes = await runTask();
process.send?.({
  seconds: (performance.now() - startedMs) / 1000,
  cpuSeconds: (await cpuSecondsWithChildren()) - cpuBefore,
  storedBytes,
} satisfies ContenderResult);
process.disconnect?.();

/** User and system time of this process and of the children it waited for: see proc(5). */
async function cpuSecondsWithChildren(): Promise<number> {
  const stat = await readFile("/proc/self/stat", "utf8");
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) / ticksPerSecond;
}

function runTask(): Promise<number> {
  switch (task.kind) {
    case "fc":
      return dumpPiped(`pg_dump -Fc '${task.database}'`);
    case "zstd":
      return dumpPiped(`pg_dump -Fc -Z0 '${task.database}' | zstd -1 -T2 -c`);
    case "mover":
      return dumpWithMover();
    case "restore-fc":
      return restorePiped();
    case "restore-mover":
      return restoreWithMover();
  }
}

async function dumpPiped(command: string): Promise<number> {
  const child = spawn("bash", ["-o", "pipefail", "-c", command], {
    env: { ...libpqEnv, PATH: `${task.binDir}:${process.env["PATH"]}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const stored = await upload(blobs, task.path, child.stdout);
  if ((await ended) !== 0) throw new Error(`${command} failed`);
  return stored;
}

/** Blocks of 8 MiB, four on their way: what a careful script would do. */
async function upload(store: BlobStore, path: string, source: Readable): Promise<number> {
  const ids: string[] = [];
  const running = new Set<Promise<void>>();
  let pieces: Buffer[] = [];
  let size = 0;
  let total = 0;
  const flush = async (): Promise<void> => {
    const id = String(ids.length).padStart(6, "0");
    ids.push(id);
    const sending: Promise<void> = store
      .stageBlock(path, id, Buffer.concat(pieces))
      .finally(() => running.delete(sending));
    running.add(sending);
    pieces = [];
    size = 0;
    if (running.size >= blocksInFlight) await Promise.race(running);
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    size += chunk.length;
    total += chunk.length;
    if (size >= blockBytes) await flush();
  }
  if (size > 0) await flush();
  await Promise.all(running);
  await store.commitBlocks(path, ids);
  return total;
}

async function restorePiped(): Promise<number> {
  const child = spawn(join(task.binDir, "pg_restore"), ["-Fc", "-d", task.database], {
    env: libpqEnv,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  for await (const chunk of blobs.read(task.path)) {
    if (!child.stdin.write(chunk))
      await new Promise((resolve) => child.stdin.once("drain", resolve));
  }
  child.stdin.end();
  if ((await ended) !== 0) throw new Error("pg_restore failed");
  return 0;
}

function mover() {
  return createDataMover({ blobs, tools: createClientTools({ directories: [task.binDir] }) });
}

async function dumpWithMover(): Promise<number> {
  const outcome = await mover().dump(
    {
      jobId: randomUUID(),
      source: { ...connection, database: task.database },
      folder: task.path,
      settings: { connections: task.connections, compression: "zstd", compressionLevel: 1 },
    },
    control,
  );
  await writeFile(task.manifest, JSON.stringify(outcome));
  return outcome.archive.storedBytes;
}

async function restoreWithMover(): Promise<number> {
  const { archive, source }: DumpOutcome = JSON.parse(await readFile(task.manifest, "utf8"));
  await mover().restoreDatabase(
    {
      recoveryPointId: "bench",
      folder: task.path,
      archive,
      jobId: randomUUID(),
      target: { ...connection, database: task.database },
      source: { instanceName: "", friendlyName: "", datasourceId: "", ...source },
      settings: {
        connections: task.connections,
        keepOwners: true,
        keepPrivileges: true,
        keepTablespaces: true,
        keepComments: true,
        schemaOnly: false,
      },
    },
    control,
  );
  return 0;
}
