import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ChildMessage, ReadyHost, SupervisorMessage } from "./child-messages.ts";
import { isChildMessage } from "./child-messages.ts";
import { killProcessGroup } from "./end-with-parent.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { HostOptions } from "./host-options.ts";

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** A child that was ready for so long starts the delays afresh. */
const STABLE_MS = 60_000;
/** So many starts in a row that never became ready end the supervisor. */
const MAX_FAILED_STARTS = 10;
const DEFAULT_START_LIMIT_MS = 120_000;
const DEFAULT_GRACE_MS = 15_000;
/** Between the end of the grace period and the kill. */
const FORCE_AFTER_MS = 3_000;
/** A busy loop within the function timeout is legal; this much longer it is not. */
const BLOCKED_MARGIN_MS = 10_000;

export interface SupervisorHooks {
  /** Called whenever a child accepts requests: at the start and after each restart. */
  readonly onReady?: (host: ReadyHost) => void;
  readonly onEvent?: (message: string) => void;
  /** Gets what host and app write, stdout and stderr alike. Default: this process's own. */
  readonly onOutput?: (text: string) => void;
  readonly startLimitMs?: number;
  readonly blockedMarginMs?: number;
}

export interface Supervisor {
  /** The child that runs now or ran last. */
  readonly host: ReadyHost;
  /** Graceful up to `graceMs`, then by force. No process is left afterwards. */
  stop(graceMs?: number): Promise<void>;
  /** Resolves when no child runs and none will: after `stop`, or (with a message) after giving up. */
  readonly ended: Promise<string | undefined>;
}

/**
 * Runs the host in a child process and starts it again when it crashes, hangs or hits the function
 * timeout; durable state outlives it. Rejects if the first start fails.
 */
export async function startSupervisor(
  options: HostOptions,
  hooks: SupervisorHooks = {},
): Promise<Supervisor> {
  const supervision = new Supervision(options, hooks);
  await supervision.firstReady;
  return supervision;
}

class Supervision implements Supervisor {
  readonly #options: HostOptions;
  readonly #hooks: SupervisorHooks;
  readonly #firstReady = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<string | undefined>();
  #child: ChildProcess | undefined;
  #host: ReadyHost | undefined;
  #isReady = false;
  #readyAt = 0;
  #aliveAt = 0;
  #failedStarts = 0;
  #restarts = 0;
  #unusable: string | undefined;
  #isStopping = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: HostOptions, hooks: SupervisorHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#startChild();
  }

  get firstReady(): Promise<void> {
    return this.#firstReady.promise;
  }

  get ended(): Promise<string | undefined> {
    return this.#ended.promise;
  }

  get host(): ReadyHost {
    if (this.#host === undefined) throw new Error("The host has not been ready yet.");
    return this.#host;
  }

  async stop(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child === undefined) this.#ended.resolve(undefined);
    else {
      const message: SupervisorMessage = { type: "stop", graceMs };
      if (child.connected) child.send(message, () => undefined);
      const force = setTimeout(() => killProcessGroup(child.pid), graceMs + FORCE_AFTER_MS);
      child.once("exit", () => clearTimeout(force));
    }
    await this.#ended.promise;
  }

  #startChild(): void {
    const { onOutput } = this.#hooks;
    // The port stays the same over restarts.
    const port = this.#host === undefined ? {} : { port: this.#host.port };
    const child = fork(CHILD, [JSON.stringify({ ...this.#options, ...port })], {
      // Its own process group: it can be ended with everything that the app started.
      detached: process.platform !== "win32",
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: onOutput === undefined ? ["ignore", 1, 2, "ipc"] : ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    this.#isReady = false;
    this.#aliveAt = Date.now();
    if (onOutput !== undefined) {
      child.stdout?.setEncoding("utf8").on("data", onOutput);
      child.stderr?.setEncoding("utf8").on("data", onOutput);
    }
    child.on("message", (message) => {
      if (isChildMessage(message)) this.#receive(message);
    });
    child.on("error", (error) => this.#note(`The host process failed: ${error.message}`));
    child.once("exit", (code, signal) => this.#childEnded(child, code, signal));
    this.#watchdog = setInterval(() => this.#checkAlive(child), 1_000);
  }

  #receive(message: ChildMessage): void {
    this.#aliveAt = Date.now();
    if (message.type === "unusable") this.#unusable = message.message;
    if (message.type !== "ready") return;
    this.#host = message.ready;
    this.#isReady = true;
    this.#readyAt = Date.now();
    this.#failedStarts = 0;
    this.#firstReady.resolve();
    this.#hooks.onReady?.(message.ready);
  }

  #childEnded(child: ChildProcess, code: number | null, signal: string | null): void {
    clearInterval(this.#watchdog);
    this.#child = undefined;
    // What the app had started must not meet the next host.
    if (child.pid !== undefined) killProcessGroup(child.pid);
    if (this.#isStopping) {
      this.#firstReady.reject(new Error("The host was stopped while it started."));
      this.#ended.resolve(undefined);
      return;
    }
    const how = describeExit(code, signal);
    if (this.#host === undefined) {
      this.#giveUp(this.#unusable ?? `The host ended while it started (${how}).`);
      return;
    }
    if (!this.#isReady && ++this.#failedStarts >= MAX_FAILED_STARTS) {
      this.#giveUp(`The host failed to start ${MAX_FAILED_STARTS} times in a row (${how}).`);
      return;
    }
    this.#restartLater(how);
  }

  #restartLater(how: string): void {
    const wasStable = this.#isReady && Date.now() - this.#readyAt > STABLE_MS;
    this.#restarts = wasStable ? 0 : this.#restarts;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#restarts++, MAX_DELAY_MS);
    this.#note(`The host ended (${how}). Starting it again in ${delayMs} ms.`);
    this.#restartTimer = setTimeout(() => this.#startChild(), delayMs);
  }

  #giveUp(message: string): void {
    this.#note(message);
    this.#firstReady.reject(new Error(message));
    this.#ended.resolve(message);
  }

  #checkAlive(child: ChildProcess): void {
    const { startLimitMs = DEFAULT_START_LIMIT_MS, blockedMarginMs = BLOCKED_MARGIN_MS } =
      this.#hooks;
    const timeoutMs = this.#host?.functionTimeoutMs;
    if (this.#isReady && (timeoutMs === null || timeoutMs === undefined)) return;
    const limitMs = this.#isReady ? (timeoutMs ?? 0) + blockedMarginMs : startLimitMs;
    if (Date.now() - this.#aliveAt <= limitMs) return;
    this.#note(`The host has not answered for ${limitMs / 1000} s: killing it.`);
    if (child.pid !== undefined) killProcessGroup(child.pid);
  }

  #note(message: string): void {
    this.#hooks.onEvent?.(message);
  }
}

const CHILD = fileURLToPath(new URL("./host-child.ts", import.meta.url));

function describeExit(code: number | null, signal: string | null): string {
  if (signal !== null) return `signal ${signal}`;
  return code === EXIT_CODES.functionTimeout ? "function timeout" : `exit code ${code}`;
}
