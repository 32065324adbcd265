import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const demoScript = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
/** Where the demo makes all its files, so that what it leaves behind is seen. */
let folder: string;
let demo: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgvault-e2e-demo-"));
  // PostgreSQL runs as another user when we are root.
  await chmod(folder, 0o755);
});
afterEach(async () => {
  demo?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function runDemo(...args: string[]) {
  const child = spawn(process.execPath, [demoScript, "--size", "2", ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  demo = child;
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const untilSaid = async (wanted: RegExp) => {
    while (!wanted.test(output)) {
      if (child.exitCode !== null) throw new Error(`The demo ended without ${wanted}:\n${output}`);
      await sleep(50);
    }
  };
  return { child, exited, output: () => output, untilSaid };
}

test("the demo proves source and restored database equal, and leaves nothing behind", async () => {
  const { exited, output } = runDemo();
  expect(await exited, output()).toBe(0);
  for (const said of [
    /find PostgreSQL +\d+/,
    /create backup policy/,
    /back up on demand +job /,
    /list recovery points +[0-9a-f]{32}/,
    /restore as a new database +job /,
    /compare source and restored +no difference/,
    /Equal\. The whole demo took \d/,
  ]) {
    expect(output()).toMatch(said);
  }
  expect(await readdir(folder)).toEqual([]);
});

test("--keep leaves it running and names what to call; Ctrl-C takes it all away", async () => {
  const { child, exited, output, untilSaid } = runDemo("--keep");
  await untilSaid(/Ctrl-C/);
  const [, token, url] = /Bearer (\S+)" \\\n +'(\S+)'/.exec(output()) ?? [];
  const answer = await fetch(String(url), { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { value: unknown[] }).value).toHaveLength(2);
  child.kill("SIGINT");
  expect(await exited).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

test("a demo that is interrupted cleans up too", async () => {
  const { child, exited, untilSaid } = runDemo();
  await untilSaid(/create backup vault/);
  child.kill("SIGTERM");
  expect(await exited).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});
