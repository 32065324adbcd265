import { type ChildResult, type ChildSpec, startChild } from "./child-process.ts";

/** Largest output that `runTool` collects. */
export const toolOutputBytes = 4 * 1024 * 1024;

/** Stdout may outlive the child in the hands of its own children; we wait for it this long. */
const stdoutCloseMs = 1_000;

export interface ToolResult extends ChildResult {
  readonly stdout: string;
  /** The output was longer than `toolOutputBytes`; `stdout` is its beginning. */
  readonly truncated: boolean;
}

/** Runs a program that prints little and collects what it prints. Never rejects. */
export async function runTool(spec: Omit<ChildSpec, "stdin" | "stdout">): Promise<ToolResult> {
  const child = startChild(spec);
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    if (bytes < toolOutputBytes) chunks.push(chunk);
    bytes += chunk.length;
  });
  const drained = new Promise<void>((resolve) => {
    if (child.stdout === undefined) resolve();
    else child.stdout.on("close", resolve);
  });
  const result = await child.ended;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stdoutCloseMs);
  });
  await Promise.race([drained, patience]);
  clearTimeout(timer);
  child.stdout?.destroy();
  const whole = Buffer.concat(chunks);
  return {
    ...result,
    stdout: whole.subarray(0, toolOutputBytes).toString("utf8"),
    truncated: bytes > toolOutputBytes,
  };
}
