import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { HostOptions } from "./host-options.ts";
import { describeError } from "./json-file.ts";
import { startSupervisor } from "./supervisor.ts";

const USAGE = `Runs an Azure Functions app (Node, programming model v4) without Azure.

  node embedded-host/cli.ts --app <folder> --state <folder> [options]

  --app <folder>     the app: host.json, package.json, local.settings.json (default: .)
  --state <folder>   durable state, timers, keys (default: <app>/.functions-state)
  --port <number>    0 for any free one (default: Host.LocalHttpPort, else 7071)
  --host <address>   default 127.0.0.1; other addresses need --enable-auth
  --https            serve HTTPS with --key <file> and --cert <file> (PEM)
  --enable-auth      ask for function keys; they are in <state>/keys.json
  --grace <seconds>  time for running work at SIGTERM and SIGINT (default: 15)
`;

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const supervisor = await startSupervisor(command.host, {
    onReady({ url, port }) {
      process.stdout.write(`Functions host ready on ${url}\n`);
      process.send?.({ type: "ready", url, port });
    },
    onEvent: (message) => process.stderr.write(`${message}\n`),
  });
  let signals = 0;
  const stop = (): void => {
    signals++;
    // The second signal means: now.
    void supervisor.stop(signals > 1 ? 0 : command.graceMs);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const problem = await supervisor.ended;
  return problem === undefined ? 0 : 1;
}

interface Command {
  readonly host: HostOptions;
  readonly graceMs: number;
}

/** undefined: the usage was asked for. */
function parseCommand(args: readonly string[]): Command | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      app: { type: "string", default: "." },
      state: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
      https: { type: "boolean", default: false },
      key: { type: "string" },
      cert: { type: "string" },
      "enable-auth": { type: "boolean", default: false },
      grace: { type: "string", default: "15" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const { port, host, key, cert } = values;
  return {
    host: {
      appDirectory: resolve(values.app),
      stateDirectory: resolve(values.state ?? `${values.app}/.functions-state`),
      ...(port === undefined ? {} : { port: parseNumber("--port", port, 65_535) }),
      ...(host === undefined ? {} : { address: host }),
      ...(values.https ? { https: httpsFiles(key, cert) } : {}),
      enableAuth: values["enable-auth"],
    },
    graceMs: parseNumber("--grace", values.grace, 3_600) * 1000,
  };
}

function httpsFiles(keyPath: string | undefined, certPath: string | undefined) {
  if (keyPath === undefined || certPath === undefined) {
    throw new Error("--https needs --key <file> and --cert <file>, both PEM.");
  }
  return { keyPath: resolve(keyPath), certPath: resolve(certPath) };
}

function parseNumber(option: string, text: string, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= maximum) return value;
  throw new Error(`${option} is "${text}", but must be a whole number from 0 to ${maximum}.`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
