import { Worker } from "node:worker_threads";

/** How often the parent is looked for while the main thread may be blocked. */
const CHECK_MS = 1_000;

/**
 * Ends this process, and all that it started, as soon as its parent is gone: by the closed IPC
 * channel, or by a thread of its own that also works while the app blocks the main thread.
 */
export function endWithParent(): void {
  process.once("disconnect", () => killProcessGroup());
  const watcher = new Worker(WATCHER, {
    eval: true,
    workerData: { parentPid: process.ppid, checkMs: CHECK_MS },
    execArgv: [],
  });
  watcher.unref();
}

/** The supervisor starts its child as the leader of a process group; Windows knows no groups. */
export function killProcessGroup(pid: number = process.pid): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

const WATCHER = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid === workerData.parentPid) return;
  process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL");
}, workerData.checkMs);
`;
