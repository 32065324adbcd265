import { fork } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PostgresCluster } from "../scripts/postgres-cluster.ts";
import type { ContenderResult, ContenderTask } from "./mover-contender.ts";
import { watchPeakRss } from "./mover-process-tree.ts";

/** Where contenders run. */
export interface ContenderStand {
  readonly cluster: PostgresCluster;
  readonly storage: string;
  readonly temp: string;
}

export interface Measured extends ContenderResult {
  readonly peakRssMib: number;
  readonly stagedBytes: number;
}

export const container = "bench";

/** One run in a process of its own, whose memory and temporary files are watched. */
export function inChild(
  bench: ContenderStand,
  task: Pick<ContenderTask, "kind" | "path" | "database" | "connections"> & Partial<ContenderTask>,
): Promise<Measured> {
  const { host, port, user, password, binaries } = bench.cluster;
  const whole: ContenderTask = {
    storage: bench.storage,
    container,
    server: { host, port, user, password },
    binDir: binaries.binDir,
    manifest: join(bench.temp, "manifest.json"),
    temp: bench.temp,
    ...task,
  };
  return new Promise((resolve, reject) => {
    const file = new URL("mover-contender.ts", import.meta.url);
    const child = fork(file, [], {
      // Not an argument: it holds a password.
      env: { ...process.env, TMPDIR: bench.temp, PGVAULT_BENCH_TASK: JSON.stringify(whole) },
    });
    const peak = watchPeakRss(child.pid ?? 0);
    const staged = watchStaged(bench.temp);
    let result: ContenderResult | undefined;
    child.on("message", (message) => {
      result = message as ContenderResult;
    });
    child.on("exit", (code) => {
      const peakRssMib = peak();
      const stagedBytes = staged();
      if (result === undefined) reject(new Error(`${task.kind} ended with ${code}`));
      else resolve({ ...result, peakRssMib, stagedBytes });
    });
  });
}

/** Largest size of what lies in the temporary folder, besides tables of contents and manifest. */
function watchStaged(temp: string): () => number {
  let most = 0;
  const sample = async (): Promise<void> => {
    const names = await readdir(temp, { recursive: true }).catch(() => []);
    let bytes = 0;
    for (const name of names) {
      if (/toc\.dat$|manifest\.json$|\.list$/.test(name)) continue;
      const found = await stat(join(temp, name)).catch(() => undefined);
      if (found?.isFile() === true) bytes += found.size;
    }
    most = Math.max(most, bytes);
  };
  const timer = setInterval(() => void sample(), 100);
  return () => {
    clearInterval(timer);
    return most;
  };
}
