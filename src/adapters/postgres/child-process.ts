import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** How long a child may take to end after SIGTERM before it gets SIGKILL. */
export const politeStopMs = 5_000;
/** How much of the end of stderr is kept. */
export const stderrTailBytes = 16 * 1024;
/** Stderr may outlive the child in the hands of its own children; we wait for it this long. */
const stderrCloseMs = 1_000;
/** Longest line handed to `onStderrLine`; the rest of a longer line is cut. */
const stderrLineBytes = 8 * 1024;

export interface ChildSpec {
  /** Absolute path of the program. */
  readonly file: string;
  /** Never a secret: arguments are visible to every user of the machine. */
  readonly args: readonly string[];
  /** The whole environment of the child, besides `LC_ALL=C`; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: "none" | "pipe";
  readonly stdout?: "pipe" | "discard";
  /** Ends the child: SIGTERM, `stopMs` of patience, SIGKILL. */
  readonly signal?: AbortSignal;
  /** Ends the child in the same way; absent: no limit. */
  readonly timeoutMs?: number;
  readonly stopMs?: number;
  /** Each complete line of stderr, as it comes. */
  readonly onStderrLine?: (line: string) => void;
}

/** How a child ended, well or not. `exitCode` 0 alone is success; see `succeeded`. */
export interface ChildResult {
  readonly file: string;
  /** Null when a signal ended it or it never started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last `stderrTailBytes` of stderr, as UTF-8. */
  readonly stderrTail: string;
  readonly durationMs: number;
  /** We ended it, because `signal` was aborted or `stop` was called. */
  readonly aborted: boolean;
  readonly timedOut: boolean;
  /** Why it could not be started. */
  readonly startError?: string;
}

export interface RunningChild {
  readonly pid: number | undefined;
  /** Present with `stdin: "pipe"`. Its errors (EPIPE when the child dies) need no listener. */
  readonly stdin: Writable | undefined;
  /** Present unless `stdout: "discard"`. Its end does not mean success: wait for `ended`. */
  readonly stdout: Readable | undefined;
  /** Never rejects. Resolves when the process is gone, whether or not stdout was read. */
  readonly ended: Promise<ChildResult>;
  /** As aborting; harmless when it has ended. */
  stop(): void;
}

export const succeeded = (result: ChildResult): boolean =>
  result.exitCode === 0 && !result.aborted && !result.timedOut && result.startError === undefined;

/**
 * The one door to child processes: no shell, nothing inherited, bounded stderr, and an end that is
 * certain. On Linux the kernel ends the child when this process dies (`setpriv --pdeathsig`);
 * elsewhere children are killed when this process exits by itself.
 */
export function startChild(spec: ChildSpec): RunningChild {
  const startedMs = performance.now();
  const command = boundToParent(spec.file, spec.args);
  const child = spawn(command.file, command.args, {
    env: { ...spec.env, LC_ALL: "C" },
    stdio: [
      spec.stdin === "pipe" ? "pipe" : "ignore",
      spec.stdout === "discard" ? "ignore" : "pipe",
      "pipe",
    ],
    shell: false,
    windowsHide: true,
  });
  child.stdin?.on("error", ignore);
  child.stdout?.on("error", ignore);
  const tail = keepTail(child.stderr, spec.onStderrLine);
  const stopper = createStopper(child, spec);
  const ended = waitForEnd(child, tail.closed).then((end): ChildResult => {
    stopper.release();
    return {
      file: spec.file,
      ...end,
      ...startErrorOf(end, command.bound, tail.text()),
      stderrTail: tail.text(),
      durationMs: Math.round(performance.now() - startedMs),
      aborted: stopper.reason() === "abort",
      timedOut: stopper.reason() === "timeout",
    };
  });
  return {
    pid: child.pid,
    stdin: child.stdin ?? undefined,
    stdout: child.stdout ?? undefined,
    ended,
    stop: () => stopper.stop("abort"),
  };
}

const ignore = (): void => {};

interface End {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly startError?: string;
}

/** Resolves at exit (or failure to start) and when stderr was read to its end or `stderrCloseMs`. */
function waitForEnd(child: ChildProcess, stderrClosed: Promise<void>): Promise<End> {
  return new Promise((resolve) => {
    let over = false;
    const finish = (end: End): void => {
      if (over) return;
      over = true;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((done) => {
        timer = setTimeout(done, stderrCloseMs);
      });
      void Promise.race([stderrClosed, patience]).then(() => {
        clearTimeout(timer);
        child.stderr?.destroy();
        resolve(end);
      });
    };
    child.on("error", (error) => {
      // Also emitted when a signal could not be sent; only a child without pid failed to start.
      if (child.pid === undefined) {
        finish({ exitCode: null, signal: null, startError: error.message });
      }
    });
    child.on("exit", (exitCode, signal) => finish({ exitCode, signal }));
  });
}

/** `setpriv` answers 127 or 126 for a program that is absent or may not be run. */
function startErrorOf(end: End, bound: boolean, stderr: string): { startError?: string } {
  if (end.startError !== undefined) return { startError: end.startError };
  const neverRan = bound && (end.exitCode === 127 || end.exitCode === 126);
  return neverRan && stderr.startsWith("setpriv:") ? { startError: stderr.trim() } : {};
}

type StopReason = "abort" | "timeout";

function createStopper(child: ChildProcess, spec: ChildSpec) {
  let why: StopReason | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let released = false;
  const stop = (reason: StopReason): void => {
    if (released || why !== undefined) return;
    why = reason;
    child.kill("SIGTERM");
    killTimer = setTimeout(() => child.kill("SIGKILL"), spec.stopMs ?? politeStopMs);
  };
  const onAbort = (): void => stop("abort");
  const onExit = (): void => void child.kill("SIGKILL");
  const limit =
    spec.timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), spec.timeoutMs);
  if (spec.signal?.aborted === true) onAbort();
  else spec.signal?.addEventListener("abort", onAbort, { once: true });
  liveChildren.add(onExit);
  return {
    stop,
    reason: () => why,
    release: (): void => {
      released = true;
      clearTimeout(limit);
      clearTimeout(killTimer);
      spec.signal?.removeEventListener("abort", onAbort);
      liveChildren.delete(onExit);
    },
  };
}

/** One listener on the process for all children, there only while a child runs. */
const liveChildren = (() => {
  const kills = new Set<() => void>();
  const killAll = (): void => {
    for (const kill of kills) kill();
  };
  return {
    add: (kill: () => void): void => {
      if (kills.size === 0) process.once("exit", killAll);
      kills.add(kill);
    },
    delete: (kill: () => void): void => {
      kills.delete(kill);
      if (kills.size === 0) process.removeListener("exit", killAll);
    },
  };
})();

function keepTail(stderr: Readable | null, onLine: ((line: string) => void) | undefined) {
  let tail = Buffer.alloc(0);
  let line = "";
  const closed = new Promise<void>((resolve) => {
    if (stderr === null) {
      resolve();
      return;
    }
    stderr.on("error", ignore);
    stderr.on("close", resolve);
    stderr.on("data", (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-stderrTailBytes);
      if (onLine === undefined) return;
      const lines = (line + chunk.toString("utf8")).split("\n");
      line = (lines.pop() ?? "").slice(0, stderrLineBytes);
      for (const complete of lines) onLine(complete.slice(0, stderrLineBytes));
    });
  });
  return { closed, text: (): string => tail.toString("utf8") };
}

/** Wraps the command so that the kernel ends it with us, where util-linux's setpriv can do that. */
function boundToParent(file: string, args: readonly string[]) {
  const setpriv = findSetpriv();
  return setpriv === undefined
    ? { file, args: [...args], bound: false }
    : { file: setpriv, args: ["--pdeathsig", "TERM", "--", file, ...args], bound: true };
}

/** Probed once per process; undefined where absent (macOS) or without --pdeathsig (busybox). */
const findSetpriv = (() => {
  let found: { readonly path: string | undefined } | undefined;
  return (): string | undefined => {
    found ??= { path: probeSetpriv() };
    return found.path;
  };
})();

function probeSetpriv(): string | undefined {
  if (process.platform !== "linux") return undefined;
  return ["/usr/bin/setpriv", "/bin/setpriv"].find(
    (path) =>
      existsSync(path) &&
      spawnSync(path, ["--pdeathsig", "TERM", "--", path, "--version"], {
        timeout: 2_000,
        stdio: "ignore",
        env: {},
      }).status === 0,
  );
}
