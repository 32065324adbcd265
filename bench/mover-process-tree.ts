import { readdirSync, readFileSync } from "node:fs";

const pageBytes = 4096;
const sampleMs = 50;

/** Watches the memory of a process and its descendants; call the answer for the peak in MiB. */
export function watchPeakRss(pid: number): () => number {
  let peak = 0;
  const sample = (): void => {
    peak = Math.max(peak, residentBytes(pid));
  };
  const timer = setInterval(sample, sampleMs);
  sample();
  return () => {
    clearInterval(timer);
    return peak / 1024 / 1024;
  };
}

function residentBytes(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readText(`/proc/${name}/stat`)
      ?.replace(/^.*\) /s, "")
      .split(" ")[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  let bytes = 0;
  for (const pid of parents.keys()) {
    let ancestor: number | undefined = pid;
    while (ancestor !== undefined && ancestor !== root && ancestor > 1) {
      ancestor = parents.get(ancestor);
    }
    if (ancestor !== root) continue;
    bytes += Number(readText(`/proc/${pid}/statm`)?.split(" ")[1] ?? 0) * pageBytes;
  }
  return bytes;
}

/** Undefined when the process has ended meanwhile. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
