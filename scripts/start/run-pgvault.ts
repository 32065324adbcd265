import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { lockState } from "../../embedded-host/state-lock.ts";
import { type Supervisor, startSupervisor } from "../../embedded-host/supervisor.ts";
import { type Azurite, startAzurite } from "../azurite.ts";
import { buildIfStale, repositoryRoot } from "../build.ts";
import { findPostgres } from "../find-postgres.ts";
import { prepareCertificate } from "./certificate.ts";
import { untilHealthy } from "./healthy.ts";
import { prepareState, type Tokens } from "./local-state.ts";

export interface PgvaultOptions {
  readonly stateDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Connection string or URL of a storage account; absent: Azurite, its data in the state folder. */
  readonly storage?: string | undefined;
  /** HTTPS with a certificate of this machine, kept in the state folder. Default: plain HTTP. */
  readonly https?: boolean;
  /** What the host and the app log. */
  readonly onLog: (text: string) => void;
}

export interface RunningPgvault {
  readonly baseUrl: string;
  readonly stateDir: string;
  readonly tokens: Tokens;
  /** What clients must trust where it serves HTTPS. */
  readonly certPath?: string;
  /** Blobs and tables, for those who want to look. */
  readonly storage: string;
  /** Why it ended by itself. */
  readonly failed: Promise<Error>;
  stop(graceMs?: number): Promise<void>;
}

const host = "127.0.0.1";
const stopGraceMs = 10_000;

/**
 * Runs pgvault from this repository: builds it if stale, starts Azurite and the embedded host as
 * children of this process. Resolves when it accepts requests. One per process: its settings
 * travel to the host by the environment.
 */
export async function runPgvault(options: PgvaultOptions): Promise<RunningPgvault> {
  const stateDir = resolve(options.stateDir);
  await using started = new AsyncDisposableStack();
  const tokens = await prepareState(stateDir);
  const lock = lockState(stateDir);
  started.defer(() => lock.release());
  const port = await claimPort(options.port);
  await buildIfStale();
  const azurite = options.storage
    ? undefined
    : await startAzurite({ dir: join(stateDir, "azurite") });
  if (azurite !== undefined) started.defer(() => azurite.stop());
  const storage = options.storage ?? azurite?.connectionString ?? "";
  const https = options.https === true ? await prepareCertificate(stateDir) : undefined;
  const baseUrl = `${https === undefined ? "http" : "https"}://${host}:${port}`;
  await setEnvironment(stateDir, storage, baseUrl);
  const supervisor = await startSupervisor(
    {
      appDirectory: repositoryRoot,
      stateDirectory: join(stateDir, "host"),
      port,
      ...(https === undefined ? {} : { https }),
    },
    { onEvent: (message) => options.onLog(`${message}\n`), onOutput: options.onLog },
  );
  started.defer(() => supervisor.stop(stopGraceMs));
  await untilHealthy(baseUrl, https && (await readFile(https.certPath, "utf8")));
  const running = started.move();
  let isStopping = false;
  return {
    baseUrl,
    stateDir,
    tokens,
    ...(https === undefined ? {} : { certPath: https.certPath }),
    storage,
    failed: firstFailure(supervisor, azurite, () => isStopping),
    stop: async (graceMs = stopGraceMs) => {
      isStopping = true;
      await supervisor.stop(graceMs);
      await running.disposeAsync();
    },
  };
}

/** Finds out before anything is started, so that the message is about the port alone. */
async function claimPort(wanted: number): Promise<number> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", (error) => {
    const isTaken = "code" in error && error.code === "EADDRINUSE";
    const message = `Port ${wanted} of ${host} is in use. Stop what listens there, or choose another with --port (0: any free one).`;
    reject(isTaken ? new Error(message) : error);
  });
  probe.listen(wanted, host, () => {
    const address = probe.address();
    const port = address !== null && typeof address === "object" ? address.port : wanted;
    probe.close(() => settle(port));
  });
  return promise;
}

/** What the caller has set by hand wins, except for what describes this very start. */
async function setEnvironment(stateDir: string, storage: string, baseUrl: string): Promise<void> {
  const binDir = process.env["PGVAULT_PG_BIN"] ?? (await findPostgres())?.binDir;
  Object.assign(process.env, {
    FUNCTIONS_WORKER_RUNTIME: "node",
    PGVAULT_AUTH: process.env["PGVAULT_AUTH"] ?? "local",
    PGVAULT_STATE: stateDir,
    PGVAULT_STORAGE: storage,
    PGVAULT_PUBLIC_URL: process.env["PGVAULT_PUBLIC_URL"] ?? baseUrl,
    ...(binDir === undefined ? {} : { PGVAULT_PG_BIN: binDir }),
  });
}

async function firstFailure(
  supervisor: Supervisor,
  azurite: Azurite | undefined,
  isStopping: () => boolean,
): Promise<Error> {
  const never = new Promise<Error>(() => {});
  const hostEnded = supervisor.ended.then((problem) =>
    isStopping() ? never : new Error(problem ?? "The host ended."),
  );
  return Promise.race([hostEnded, azurite?.crashed ?? never]);
}
