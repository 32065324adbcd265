import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const startScript = fileURLToPath(new URL("../../scripts/start.ts", import.meta.url));
let stateDir: string;
let children: { kill(): Promise<unknown> }[];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "pgvault-start-"));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await rm(stateDir, { recursive: true, force: true });
});

const { PGVAULT_STORAGE: _, ...environment } = process.env;

/** Runs `npm start` with these arguments; `line` is the first line of its standard output. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [startScript, ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const line = async () => {
    while (!output.includes("\n") && child.exitCode === null) await sleep(20);
    return output.split("\n")[0];
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  children.push({ kill });
  return { child, exited, line, output: () => output, errors: () => errors };
}

const readyUrl = async (started: ReturnType<typeof start>): Promise<string> => {
  const line = await started.line();
  const url = /^pgvault ready on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line ?? "")?.[1];
  if (url === undefined) throw new Error(`No ready line: ${line}\n${started.errors()}`);
  return url;
};

/** Processes that name the state folder, itself or as parent of Azurite's data. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,args="]);
  return stdout.split("\n").filter((line) => line.includes(folder));
}

async function untilNoProcessOf(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await processesOf(folder)).length === 0) break;
    await sleep(50);
  }
  expect(await processesOf(folder)).toEqual([]);
}

test("it says when it is ready, keeps its tokens, and SIGTERM ends it with all its children", async () => {
  const first = start("--port", "0", "--state", stateDir);
  const url = await readyUrl(first);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const tokens = await readFile(join(stateDir, "tokens.json"), "utf8");
  expect(Object.keys(JSON.parse(tokens) as object).sort()).toEqual([
    "contributor",
    "operator",
    "reader",
  ]);
  for (const file of ["tokens.json", "secrets.json"]) {
    expect((await stat(join(stateDir, file))).mode & 0o777).toBe(0o600);
  }
  expect(await processesOf(stateDir)).not.toEqual([]);

  first.child.kill("SIGTERM");
  expect(await first.exited).toBe(0);
  expect(await processesOf(stateDir)).toEqual([]);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  expect(first.output()).toBe(`pgvault ready on ${url}\n`);

  const second = start("--port", new URL(url).port, "--state", stateDir);
  expect(await readyUrl(second)).toBe(url);
  expect(await readFile(join(stateDir, "tokens.json"), "utf8")).toBe(tokens);
  second.child.kill("SIGINT");
  expect(await second.exited).toBe(0);
});

test("a second start on the same state folder is refused and harms nothing", async () => {
  const first = start("--port", "0", "--state", stateDir);
  const url = await readyUrl(first);
  const second = start("--port", "0", "--state", stateDir);
  expect(await second.exited).toBe(1);
  expect(second.errors()).toMatch(/uses the state folder .*--state/);
  expect(second.errors()).toContain(stateDir);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("kill -9 leaves no child behind", async () => {
  const started = start("--port", "0", "--state", stateDir);
  await readyUrl(started);
  started.child.kill("SIGKILL");
  await started.exited;
  await untilNoProcessOf(stateDir);
});

test("SIGTERM before it is ready ends it at once, with all its children", async () => {
  const started = start("--port", "0", "--state", stateDir);
  while ((await processesOf(join(stateDir, "azurite"))).length === 0) await sleep(20);
  started.child.kill("SIGTERM");
  expect(await started.exited).toBe(0);
  expect(started.output()).toBe("");
  await untilNoProcessOf(stateDir);
});

test("a port in use is named, and nothing is started", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  try {
    const started = start("--port", String(port), "--state", stateDir);
    expect(await started.exited).toBe(1);
    expect(started.errors()).toMatch(new RegExp(`Port ${port} .* in use.*--port`));
    expect(await processesOf(stateDir)).toEqual([]);
  } finally {
    holder.close();
  }
});

test.for([
  [["--port", "seventy"], /--port is 'seventy'/],
  [["--port", "70000"], /from 0 to 65535/],
  [["--prot", "7071"], /--prot/],
] as const)("wrong arguments %s are refused with a message", async ([args, message]) => {
  const started = start(...args, "--state", stateDir);
  expect(await started.exited).toBe(1);
  expect(started.errors()).toMatch(message);
});

test("--help prints the usage", async () => {
  const started = start("--help");
  expect(await started.exited).toBe(0);
  expect(started.output()).toMatch(/npm start -- .*--port 7071.*--state/);
});
