import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Time for the operating system to free the lock of a process that was just killed. */
const WAIT_MS = 1_000;

class StateLockedError extends Error {
  override readonly name = "StateLockedError";
}

export interface StateLock {
  release(): void;
}

/**
 * Makes this process the only host of a state folder: two would run every timer and activity
 * twice. The lock lives in the operating system and ends with the process, also by kill -9.
 */
export function lockState(stateDirectory: string): StateLock {
  const pidPath = join(stateDirectory, "host.pid");
  const database = new DatabaseSync(join(stateDirectory, "host.lock"), { timeout: WAIT_MS });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new StateLockedError(
      `Another host${holder(pidPath)} uses the state folder ${stateDirectory}. Stop it, or give this one another folder (--state).`,
      { cause },
    );
  }
  writeFileSync(pidPath, `${process.pid}\n`);
  return {
    release() {
      rmSync(pidPath, { force: true });
      database.close();
    },
  };
}

function holder(pidPath: string): string {
  try {
    return ` (process ${readFileSync(pidPath, "utf8").trim()})`;
  } catch {
    return "";
  }
}
