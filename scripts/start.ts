import { parseArgs } from "node:util";
import { runPgvault } from "./start/run-pgvault.ts";

const usage = `Runs pgvault on this machine: the app on the embedded host, blobs and tables in Azurite.

  npm start -- [--port 7071] [--state .pgvault] [--https]

  --port <number>   where it listens on 127.0.0.1; 0 for any free port (default: 7071)
  --state <folder>  tokens, secrets, blobs, tables, workflows (default: .pgvault)
  --https           with a certificate for 127.0.0.1 and localhost, kept in <state>/https-cert.pem:
                    Azure's clients send tokens over https only. Trust it in the client, such as
                    with NODE_EXTRA_CA_CERTS or REQUESTS_CA_BUNDLE
  --help            this text

  PGVAULT_STORAGE   names a storage account (URL or connection string) to use instead of Azurite

The bearer tokens are in <state>/tokens.json. Connection strings of databases go to
<state>/secrets.json. All settings: docs/settings.md. The log goes to standard error.
`;

const portLimit = 65_535;

async function main(): Promise<void> {
  const options = parseCommand(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return;
  }
  const stopRequested = signalReceived();
  const starting = runPgvault({
    ...options,
    storage: process.env["PGVAULT_STORAGE"],
    onLog: (text) => process.stderr.write(text),
  });
  const pgvault = await Promise.race([starting, stopRequested]);
  // Stopped before it was ready: its children end with this process.
  if (pgvault === undefined) process.exit(0);
  process.stdout.write(`pgvault ready on ${pgvault.baseUrl}\n`);
  if (pgvault.certPath !== undefined) {
    process.stdout.write(
      `Clients must trust its certificate: NODE_EXTRA_CA_CERTS=${pgvault.certPath}\n`,
    );
  }
  const failure = await Promise.race([stopRequested, pgvault.failed]);
  await pgvault.stop();
  if (failure !== undefined) throw failure;
}

interface Command {
  readonly port: number;
  readonly stateDir: string;
  readonly https: boolean;
}

function parseCommand(args: string[]): Command | undefined {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "7071" },
      state: { type: "string", default: ".pgvault" },
      https: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > portLimit) {
    throw new Error(`--port is '${values.port}', but must be a number from 0 to ${portLimit}.`);
  }
  return { port, stateDir: values.state, https: values.https };
}

/** The second signal ends this process at once; its children notice and follow. */
function signalReceived(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => resolve(undefined));
    }
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
