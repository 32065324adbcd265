import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "./unprivileged-account.ts";

/** A running postmaster. */
export interface GuardedServer {
  end(how: "fast" | "immediate" | "kill"): Promise<void>;
}

export interface GuardedServerOptions {
  /** Holds `data/` and `server.log`; removed when this process dies without ending the server. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly account: Account;
}

const startLimitMs = 30_000;
const pollMs = 20;
const logTailChars = 2_000;

/**
 * The shell between us and the server: it waits for an order on its standard input. When this
 * process dies, even by SIGKILL, the pipe closes, and the shell takes server and folder away.
 * It has a session of its own, so a Ctrl-C at the terminal reaches it only through us.
 */
const guard = `
folder=$1; shift
"$@" </dev/null >>"$folder/server.log" 2>&1 &
server=$!
trap "" PIPE
echo "$server"
read -r order || order=abandon
case "$order" in
  fast) kill -INT "$server" ;;
  kill) children=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
        kill -KILL "$server" $children ;;
  *) kill -QUIT "$server" ;;
esac 2>/dev/null
wait "$server"
echo ended 2>/dev/null
read -r fate || rm -rf "$folder"
exit 0
`;

/** Starts `command` (a postmaster on `folder`/data) and waits until it accepts connections. */
export async function startGuarded(options: GuardedServerOptions): Promise<GuardedServer> {
  const shell = spawn("/bin/sh", ["-c", guard, "guard", options.folder, ...options.command], {
    ...options.account,
    cwd: options.folder,
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  // An order to a guard that is gone already: its exit is awaited anyway.
  shell.stdin.on("error", () => {});
  const exited = once(shell, "exit");
  const lines = createInterface(shell.stdout);
  const server: GuardedServer = {
    end: async (how) => {
      shell.ref();
      shell.stdin.write(`${how}\n`);
      await Promise.race([once(lines, "line"), exited]);
      shell.stdin.end("keep the folder\n");
      await exited;
    },
  };
  try {
    const [pid] = await once(lines, "line");
    await untilReady(options.folder, Number(pid));
  } catch (error) {
    await server.end("kill");
    throw error;
  }
  shell.unref();
  return server;
}

/** The postmaster writes its state as the eighth line of its pid file. */
async function untilReady(folder: string, pid: number): Promise<void> {
  const deadlineMs = Date.now() + startLimitMs;
  while (Date.now() < deadlineMs) {
    const pidFile = await readFile(join(folder, "data", "postmaster.pid"), "utf8").catch(() => "");
    const lines = pidFile.split("\n");
    if (Number(lines[0]) === pid && lines[7]?.trim() === "ready") return;
    if (!isAlive(pid)) break;
    await sleep(pollMs);
  }
  const log = await readFile(join(folder, "server.log"), "utf8").catch(() => "(no log)");
  throw new Error(`PostgreSQL did not start: ${log.slice(-logTailChars)}`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
