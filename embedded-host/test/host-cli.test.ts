import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FIXTURE, gone, isAlive, withFolder } from "./host-process.ts";

const CLI = resolve(import.meta.dirname, "../cli.ts");
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

interface Cli {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function runCli(...args: string[]): Cli {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

async function readyUrl({ child, output }: Cli): Promise<string> {
  while (!output().includes("ready on")) {
    if (child.exitCode !== null) throw new Error(`The host ended: ${output()}`);
    await Promise.race([once(child.stdout ?? child, "data"), once(child, "exit")]);
  }
  return /ready on (\S+)/.exec(output())?.[1] ?? "";
}

async function hostPid(state: string): Promise<number> {
  return Number(await readFile(join(state, "host.pid"), "utf8"));
}

describe("the command line", () => {
  it("prints one ready line, and ends cleanly on SIGTERM with its child", async () => {
    await withFolder(async (state) => {
      const cli = runCli("--app", FIXTURE, "--state", state, "--port", "0");
      const url = await readyUrl(cli);
      const pid = await hostPid(state);
      const slow = fetch(`${url}/api/slow`).then((response) => response.text());
      await fetch(`${url}/api/hello`);
      cli.child.kill("SIGTERM");
      expect(await slow).toBe("finished");
      const [code] = (await once(cli.child, "exit")) as [number];
      expect(code).toBe(0);
      expect(isAlive(pid)).toBe(false);
      expect(cli.output().match(/ready on/g)).toHaveLength(1);
    });
  });

  it("leaves nothing behind when it is killed itself, even while the app blocks", async () => {
    await withFolder(async (state) => {
      const cli = runCli("--app", FIXTURE, "--state", state, "--port", "0");
      const url = await readyUrl(cli);
      const pid = await hostPid(state);
      const spawned = (await (await fetch(`${url}/api/spawn`)).json()) as { pid: number };
      fetch(`${url}/api/block`).catch(() => undefined);
      cli.child.kill("SIGKILL");
      await gone(pid);
      await gone(spawned.pid);
    });
  });

  it.each([
    [["--port", "x"], /--port is "x", but must be a whole number/],
    [["--https"], /--https needs --key/],
    [["--nonsense"], /--nonsense/],
    [["--app", "/nonexistent"], /host.json does not exist/],
  ])("%j is refused with a reason and exit code 1", async (args, expected) => {
    await withFolder(async (state) => {
      const cli = runCli("--state", state, "--port", "0", ...args);
      const [code] = (await once(cli.child, "close")) as [number];
      expect(code).toBe(1);
      expect(cli.output()).toMatch(expected);
    });
  });

  it("tells its options", async () => {
    const cli = runCli("--help");
    const [code] = (await once(cli.child, "close")) as [number];
    expect(code).toBe(0);
    expect(cli.output()).toContain("--enable-auth");
  });
});
