import type { ChildMessage } from "./child-messages.ts";
import { HEARTBEAT_MS, isSupervisorMessage } from "./child-messages.ts";
import { endWithParent } from "./end-with-parent.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { RunningHost } from "./host.ts";
import { startHost } from "./host.ts";
import type { HostOptions } from "./host-options.ts";
import { describeError } from "./json-file.ts";

/** Stop asked for by a signal of the operating system instead of the supervisor. */
const SIGNAL_GRACE_MS = 10_000;
/** For answers that are on their way when the function timeout ends the process. */
const TIMEOUT_FLUSH_MS = 250;

/** Entry point of the process that runs the app. Only a supervisor starts it. */
async function main(): Promise<void> {
  endWithParent();
  setInterval(() => tell({ type: "heartbeat" }), HEARTBEAT_MS).unref();
  process.on("uncaughtException", (error) => {
    writeLine(`Uncaught exception: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  const starting = startHost(parseHostOptions(process.argv[2]), { writeLine, onFatal });
  stopOnRequest(starting);
  try {
    const { url, port, functionTimeoutMs } = await starting;
    tell({ type: "ready", ready: { url, port, pid: process.pid, functionTimeoutMs } });
  } catch (error) {
    writeLine(`The host cannot start. ${describeError(error)}`);
    process.send?.({ type: "unusable", message: describeError(error) }, () =>
      process.exit(EXIT_CODES.unusable),
    );
  }
}

function stopOnRequest(starting: Promise<RunningHost>): void {
  const stop = async (graceMs: number): Promise<void> => {
    if (graceMs === 0) process.exit(EXIT_CODES.stopped);
    const host = await starting.catch(() => undefined);
    await host?.stop(graceMs);
    process.exit(EXIT_CODES.stopped);
  };
  process.on("message", (message) => {
    if (isSupervisorMessage(message)) void stop(message.graceMs);
  });
  process.once("SIGTERM", () => void stop(SIGNAL_GRACE_MS));
  process.once("SIGINT", () => void stop(SIGNAL_GRACE_MS));
}

/** The app's code may still run: nothing but the end of the process stops it. */
function onFatal(): void {
  setTimeout(() => process.exit(EXIT_CODES.functionTimeout), TIMEOUT_FLUSH_MS);
}

function parseHostOptions(text: string | undefined): HostOptions {
  return JSON.parse(text ?? "{}") as HostOptions;
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
