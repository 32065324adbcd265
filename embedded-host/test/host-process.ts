import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostOptions } from "../host-options.ts";
import type { Supervisor, SupervisorHooks } from "../supervisor.ts";
import { startSupervisor } from "../supervisor.ts";

export interface TestHost {
  readonly supervisor: Supervisor;
  readonly url: string;
  /** What host and app wrote, and the supervisor's own notes. */
  readonly output: () => string;
}

export interface TestHostOptions {
  readonly host?: Partial<HostOptions>;
  readonly hooks?: SupervisorHooks;
  /** Environment for the host's time; put back afterwards. */
  readonly env?: Readonly<Record<string, string>>;
}

export const FIXTURE = resolve(import.meta.dirname, "fixtures/http-host");

/** Runs a fixture app under a supervisor with a state folder of its own; nothing is left behind. */
export async function withHost(
  options: TestHostOptions,
  use: (host: TestHost) => Promise<void>,
): Promise<void> {
  await withFolder(async (stateDirectory) => {
    const { env = {}, host = {}, hooks = {} } = options;
    let output = "";
    const note = (text: string): void => {
      output += text;
    };
    const starting = withEnvironment(env, () =>
      startSupervisor(
        { appDirectory: FIXTURE, stateDirectory, port: 0, ...host },
        { ...hooks, onOutput: note, onEvent: (message) => note(`${message}\n`) },
      ),
    );
    const supervisor = await starting;
    try {
      await use({ supervisor, url: supervisor.host.url, output: () => output });
    } catch (error) {
      throw new Error(`${String(error)}\nThe host wrote:\n${output}`, { cause: error });
    } finally {
      await supervisor.stop(0);
    }
  });
}

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "embedded-host-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Forked processes inherit the environment of the moment; also when they are restarted. */
async function withEnvironment<T>(
  env: Readonly<Record<string, string>>,
  start: () => Promise<T>,
): Promise<T> {
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  return start();
}

const cleanups: (() => void)[] = [];

/** For `afterEach`. */
export function restoreEnvironment(): void {
  for (const cleanUp of cleanups.splice(0)) cleanUp();
}

/** Polls until the check gives something; fails after `limitMs`. */
export async function eventually<T>(
  check: () => T | undefined | Promise<T | undefined>,
  what: string,
  limitMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const found = await check();
    if (found !== undefined) return found;
    await sleep(25);
  }
  throw new Error(`Not within ${limitMs} ms: ${what}.`);
}

/** A process that has ended but was not yet waited for (a zombie) is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return (
      process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
    );
  } catch {
    return false;
  }
}

export async function gone(pid: number): Promise<void> {
  await eventually(() => (isAlive(pid) ? undefined : true), `process ${pid} is gone`);
}
