import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startAzurite } from "../../scripts/azurite.ts";
import { type ArmClient, createArmClient } from "../../scripts/demo/arm-client.ts";
import { untilHealthy } from "../../scripts/start/healthy.ts";
import { putSecret, type Tokens } from "../../scripts/start/local-state.ts";

/** pgvault as `npm start` runs it, with a storage and a state folder of its own. */
export interface TestApp {
  readonly baseUrl: string;
  readonly stateDir: string;
  readonly tokens: Tokens;
  /** Connection string of the storage itself, past any proxy. */
  readonly storage: string;
  /** Of the contributor. */
  readonly client: ArmClient;
  as(role: keyof Tokens): ArmClient;
  putSecret(name: string, value: string | undefined): Promise<void>;
  /** What it has logged so far. */
  log(): string;
  /** SIGKILL for the process that runs the app and all its children; its supervisor stays. */
  crashHost(): Promise<void>;
  untilHealthy(): Promise<void>;
  /** SIGKILL for everything but the storage. `restart` brings it back on the same port and state. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the app's own way to the storage, such as one through a proxy. */
  readonly storageVia?: (connectionString: string) => Promise<string>;
}

const startScript = fileURLToPath(new URL("../../scripts/start.ts", import.meta.url));
const startLimitMs = 90_000;
/** A job that tries again three times takes 105 s. */
const operationLimitMs = 200_000;
const logTailChars = 4_000;
const pollMs = 100;

/** Starts the app for the callback and stops it whatever happens. */
export async function withApp<T>(
  use: (app: TestApp) => Promise<T>,
  options: TestAppOptions = {},
): Promise<T> {
  const app = await startApp(options);
  try {
    return await use(app);
  } finally {
    await app.stop();
  }
}

export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  await using started = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), "pgvault-app-"));
  started.defer(() => rm(stateDir, { recursive: true, force: true }));
  const azurite = await startAzurite();
  started.defer(() => azurite.stop());
  const storage =
    (await options.storageVia?.(azurite.connectionString)) ?? azurite.connectionString;
  const lines: string[] = [];
  const launch = (port: number) =>
    launchApp(stateDir, port, { ...options.env, PGVAULT_STORAGE: storage }, lines);
  let running: Launched | undefined = await launch(0);
  started.defer(async () => {
    await running?.end("SIGTERM");
  });
  const { baseUrl } = running;
  const tokens = JSON.parse(await readFile(join(stateDir, "tokens.json"), "utf8")) as Tokens;
  const as = (role: keyof Tokens) =>
    createArmClient({ baseUrl, token: tokens[role], pollMs, operationLimitMs });
  let writing: Promise<void> = Promise.resolve();
  const resources = started.move();
  return {
    baseUrl,
    stateDir,
    tokens,
    storage: azurite.connectionString,
    client: as("contributor"),
    as,
    // One after the other: tests that run side by side write the same file.
    putSecret: (name, value) => {
      writing = writing.then(() => putSecret(stateDir, name, value));
      return writing;
    },
    log: () => lines.join("\n"),
    crashHost: async () => killGroup(await hostPid(stateDir)),
    untilHealthy: () => untilHealthy(baseUrl),
    kill9: async () => {
      killGroup(await hostPid(stateDir));
      await running?.end("SIGKILL");
      running = undefined;
    },
    restart: async () => {
      await running?.end("SIGTERM");
      running = undefined;
      running = await launch(Number(new URL(baseUrl).port));
    },
    stop: () => resources.disposeAsync(),
  };
}

interface Launched {
  readonly baseUrl: string;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

async function launchApp(
  stateDir: string,
  port: number,
  env: Readonly<Record<string, string>>,
  log: string[],
): Promise<Launched> {
  const child = spawn(
    process.execPath,
    [startScript, "--port", String(port), "--state", stateDir],
    {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const exited = once(child, "exit");
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    child.kill(signal);
    await exited;
  };
  createInterface(child.stderr).on("line", (line) => log.push(line));
  try {
    return { baseUrl: await readyUrl(child, exited, log), end };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

async function readyUrl(
  child: ChildProcess,
  exited: Promise<unknown>,
  log: readonly string[],
): Promise<string> {
  const ready = Promise.withResolvers<string>();
  if (child.stdout !== null) {
    createInterface(child.stdout).on("line", (line) => {
      const url = /^pgvault ready on (\S+)$/.exec(line)?.[1];
      if (url !== undefined) ready.resolve(url);
    });
  }
  const fail = (why: string) =>
    ready.reject(new Error(`pgvault ${why}:\n${log.join("\n").slice(-logTailChars)}`));
  const timer = setTimeout(() => fail(`was not ready within ${startLimitMs} ms`), startLimitMs);
  void exited.then(() => fail("ended while it started"));
  try {
    return await ready.promise;
  } finally {
    clearTimeout(timer);
  }
}

async function hostPid(stateDir: string): Promise<number> {
  return Number(await readFile(join(stateDir, "host", "host.pid"), "utf8"));
}

/** The host leads a process group of its own, with all that the app started. */
function killGroup(pid: number): void {
  if (!(pid > 1)) throw new Error(`No host to kill: ${pid}`);
  process.kill(-pid, "SIGKILL");
}
