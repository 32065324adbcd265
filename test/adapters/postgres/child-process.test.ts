import { spawn } from "node:child_process";
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  startChild,
  stderrTailBytes,
  succeeded,
} from "../../../src/adapters/postgres/child-process.ts";
import { runTool } from "../../../src/adapters/postgres/run-tool.ts";

const node = process.execPath;
const script = (code: string) => ({ file: node, args: ["-e", code] });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function eventually(condition: () => boolean, withinMs = 5_000): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(20)) {
    if (condition()) return true;
  }
  return condition();
}

describe("a child process", () => {
  it("answers its output and exit code 0", async () => {
    const result = await runTool(script("console.log('out'); console.error('err')"));
    expect(result).toMatchObject({ exitCode: 0, signal: null, stdout: "out\n", aborted: false });
    expect(result.stderrTail).toBe("err\n");
    expect(succeeded(result)).toBe(true);
  });

  it("answers a failure in the same shape", async () => {
    const result = await runTool(script("console.log('half'); process.exitCode = 3"));
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: "half\n" });
    expect(succeeded(result)).toBe(false);
  });

  it("inherits nothing of our environment and gets arguments as they are", async () => {
    process.env["PGVAULT_TEST_SECRET"] = "leak";
    const code = "console.log(JSON.stringify([process.env, process.argv.slice(1)]))";
    const result = await runTool({
      file: node,
      args: ["-e", code, "--", "$(id)", "a b", "'"],
      env: { ONLY: "this" },
    });
    delete process.env["PGVAULT_TEST_SECRET"];
    expect(JSON.parse(result.stdout)).toEqual([
      { ONLY: "this", LC_ALL: "C" },
      ["$(id)", "a b", "'"],
    ]);
  });

  it("keeps only the end of a long stderr and hands on its lines", async () => {
    const lines: string[] = [];
    const result = await runTool({
      ...script("for (let i = 0; i < 20000; i++) console.error('line ' + i)"),
      onStderrLine: (line) => lines.push(line),
    });
    expect(Buffer.byteLength(result.stderrTail)).toBe(stderrTailBytes);
    expect(result.stderrTail.endsWith("line 19999\n")).toBe(true);
    expect(lines).toHaveLength(20_000);
    expect(lines[12_345]).toBe("line 12345");
  });

  it("says why it could not be started", async () => {
    const result = await runTool({ file: "/nonexistent/pg_dump", args: [] });
    expect(result.startError).toMatch(/No such file|ENOENT/);
    expect(succeeded(result)).toBe(false);
  });

  it("ends politely when aborted, also with its output unread", async () => {
    const abort = new AbortController();
    const child = startChild({
      ...script("setInterval(() => process.stdout.write('x'.repeat(65536)), 1)"),
      signal: abort.signal,
    });
    await sleep(150);
    abort.abort();
    expect(await child.ended).toMatchObject({ signal: "SIGTERM", exitCode: null, aborted: true });
  });

  it("is killed when it ignores SIGTERM", async () => {
    const child = startChild({
      ...script(
        "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1e6)",
      ),
      stopMs: 100,
    });
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.stop();
    const result = await child.ended;
    expect(result).toMatchObject({ signal: "SIGKILL", aborted: true });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it("ends at its time limit", async () => {
    const result = await runTool({ ...script("setInterval(() => {}, 1e6)"), timeoutMs: 100 });
    expect(result).toMatchObject({ timedOut: true, aborted: false });
    expect(succeeded(result)).toBe(false);
  });

  it("does not start work for a signal that is aborted already", async () => {
    const result = await runTool({
      ...script("setTimeout(() => console.log('done'), 2000)"),
      signal: AbortSignal.abort(),
    });
    expect(result).toMatchObject({ aborted: true, stdout: "" });
  });

  it("survives a child that closes its stdin early", async () => {
    const child = startChild({ ...script("process.stdin.destroy()"), stdin: "pipe" });
    for (let i = 0; i < 50; i += 1) child.stdin?.write(Buffer.alloc(65_536));
    expect((await child.ended).exitCode).toBe(0);
  });

  it("leaves no listener behind", async () => {
    const abort = new AbortController();
    const exitListeners = process.listenerCount("exit");
    await Promise.all([1, 2, 3].map(() => runTool({ ...script(""), signal: abort.signal })));
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
    expect(process.listenerCount("exit")).toBe(exitListeners);
  });

  // Only the Linux kernel ends children for a parent that was killed.
  it.runIf(process.platform === "linux")("dies with a parent that was killed", async () => {
    const door = new URL("../../../src/adapters/postgres/child-process.ts", import.meta.url).href;
    const parent = spawn(node, [
      "--input-type=module",
      "-e",
      `const { startChild } = await import(${JSON.stringify(door)});
       const child = startChild({ file: "/bin/sleep", args: ["600"] });
       console.log(child.pid);
       setInterval(() => {}, 1e6);`,
    ]);
    const line = await new Promise<Buffer>((resolve) => parent.stdout.once("data", resolve));
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    await sleep(100); // setpriv has become sleep by then
    parent.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid))).toBe(true);
  });
});
