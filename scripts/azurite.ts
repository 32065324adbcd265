import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface AzuriteOptions {
  /** Keeps blobs and tables here across starts; absent: in memory, gone at stop. */
  readonly dir?: string;
  /** 0, the default: any free port. */
  readonly blobPort?: number;
  readonly tablePort?: number;
}

export interface Azurite {
  readonly connectionString: string;
  readonly pid: number;
  /** Why it ended by itself; pending while it runs or is stopped on request. */
  readonly crashed: Promise<Error>;
  /** Ends the process and waits until it has written what it holds. Idempotent. */
  stop(): Promise<void>;
}

const accountName = "devstoreaccount1";
const startLimitMs = 30_000;
const stopLimitMs = 10_000;

/** Ends Azurite when its parent is gone, however it went: the pipe to stdin then closes. */
const endWithParent =
  'data:text/javascript,process.stdin.resume().on("end",()=>process.kill(process.pid,"SIGTERM")).unref()';

/**
 * Starts Azurite on loopback as a child process. The account key is random, kept beside the data
 * (mode 0600): the emulator's public key would open the vault to every local user.
 * Azurite writes its tables to disk every 5 s and at stop: `kill -9` of Azurite itself loses that.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const { dir } = options;
  if (dir !== undefined) await mkdir(dir, { recursive: true });
  const key = dir === undefined ? newKey() : await keptKey(dir);
  const child = spawn(process.execPath, azuriteArguments(options), {
    cwd: dir ?? tmpdir(),
    env: { PATH: process.env["PATH"], AZURITE_ACCOUNTS: `${accountName}:${key}` },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = exitOf(child);
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await end(child, ended);
  };
  try {
    const { blobUrl, tableUrl } = await listening(child, ended);
    return {
      connectionString: connectionString(key, blobUrl, tableUrl),
      pid: child.pid ?? 0,
      crashed: new Promise((resolve) => {
        void ended.then((how) => (stopping ? undefined : resolve(new Error(`Azurite ${how}`))));
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const azuriteArguments = (options: AzuriteOptions): string[] => [
  "--import",
  endWithParent,
  createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js"),
  "--silent",
  "--skipApiVersionCheck",
  "--disableTelemetry",
  ...(options.dir === undefined ? ["--inMemoryPersistence"] : ["--location", options.dir]),
  ...["blob", "queue", "table"].flatMap((service) => [`--${service}Host`, "127.0.0.1"]),
  `--blobPort=${options.blobPort ?? 0}`,
  `--tablePort=${options.tablePort ?? 0}`,
  // The queue service is not used, but Azurite always opens it.
  "--queuePort=0",
];

const newKey = (): string => randomBytes(64).toString("base64");

async function keptKey(dir: string): Promise<string> {
  const path = join(dir, "account-key");
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    const key = newKey();
    await writeFile(path, key, { mode: 0o600, flag: "wx" });
    return key;
  }
}

const exitOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
  });

/** Waits for the lines in which Azurite names the ports it got. */
async function listening(
  child: ChildProcess,
  ended: Promise<string>,
): Promise<{ blobUrl: string; tableUrl: string }> {
  let output = "";
  const ready = new Promise<{ blobUrl: string; tableUrl: string }>((resolve) => {
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8192);
      const blobUrl = /Blob service is successfully listening at (\S+)/.exec(output)?.[1];
      const tableUrl = /Table service is successfully listening at (\S+)/.exec(output)?.[1];
      if (blobUrl !== undefined && tableUrl !== undefined) resolve({ blobUrl, tableUrl });
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
  });
  const timeout = new AbortController();
  const failed = Promise.race([ended, delay(startLimitMs, timeout.signal)]).then((how) => {
    throw new Error(`Azurite ${how ?? `was not ready within ${startLimitMs} ms`}: ${output}`);
  });
  return await Promise.race([ready, failed]).finally(() => timeout.abort());
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const timeout = new AbortController();
  const late = delay(stopLimitMs, timeout.signal).then(() => child.kill("SIGKILL"));
  await Promise.race([ended, late]);
  timeout.abort();
  await ended;
}

/** Resolves after `ms`, or at once when aborted; does not keep the process alive. */
const delay = (ms: number, signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    timer.unref();
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });

const connectionString = (key: string, blobUrl: string, tableUrl: string): string =>
  [
    "DefaultEndpointsProtocol=http",
    `AccountName=${accountName}`,
    `AccountKey=${key}`,
    `BlobEndpoint=${blobUrl}/${accountName}`,
    `TableEndpoint=${tableUrl}/${accountName}`,
  ].join(";");
