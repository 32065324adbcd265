import { constants } from "node:fs";
import { access, readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Fault, fault } from "../../domain/fault.ts";
import { failed, ok, type Result } from "../../domain/result.ts";
import { runTool } from "./run-tool.ts";
import { majorOf } from "./server-version.ts";

/** The client programs of one PostgreSQL major version, by absolute path. */
export interface ClientTools {
  readonly major: number;
  /** Such as `15.18`. */
  readonly version: string;
  readonly pgDump: string;
  readonly pgRestore: string;
  /** Packages without psql exist; pgvault itself does not need it. */
  readonly psql?: string;
}

export interface ClientToolsOptions {
  /** Directories to look in first, such as those of a container image. */
  readonly directories?: readonly string[];
  /** The value of PATH; only its directories are searched. */
  readonly searchPath?: string;
  /** How long a look at the disk is believed. */
  readonly lifetimeMs?: number;
}

export interface ClientToolSource {
  /** What is installed, lowest major first, one per major. */
  installed(): Promise<readonly ClientTools[]>;
  /**
   * Tools for a server (or for an archive written by pg_dump) of this version: of the same major or
   * else the lowest higher one. pg_dump refuses servers newer than itself.
   */
  forVersion(version: string, server: string): Promise<Result<ClientTools, Fault>>;
}

/** A newly installed package is noticed after this time at the latest. */
const defaultLifetimeMs = 5 * 60_000;
const versionTimeoutMs = 10_000;
/** Directories looked into at most; a PATH is rarely longer. */
const directoryLimit = 200;

/** `<base>/<entry matching>/<tail>`: where packages put versioned binaries. */
const packageLayouts = [
  { base: "/usr/lib/postgresql", entry: /^\d+(\.\d+)?$/, tail: "bin" },
  { base: "/usr", entry: /^pgsql-\d+$/, tail: "bin" },
  { base: "/usr/libexec", entry: /^postgresql\d+$/, tail: "" },
  { base: "/opt/homebrew/opt", entry: /^(postgresql|libpq)(@\d+)?$/, tail: "bin" },
  { base: "/usr/local/opt", entry: /^(postgresql|libpq)(@\d+)?$/, tail: "bin" },
] as const;

export function createClientTools(options: ClientToolsOptions = {}): ClientToolSource {
  const lifetimeMs = options.lifetimeMs ?? defaultLifetimeMs;
  let cached:
    | { readonly atMs: number; readonly tools: Promise<readonly ClientTools[]> }
    | undefined;
  const installed = (): Promise<readonly ClientTools[]> => {
    const nowMs = performance.now();
    if (cached === undefined || nowMs - cached.atMs > lifetimeMs) {
      cached = { atMs: nowMs, tools: discover(options) };
    }
    return cached.tools;
  };
  return {
    installed,
    forVersion: async (version, server) => {
      const tools = await installed();
      const fitting = pickTools(tools, majorOf(version));
      if (fitting !== undefined) return ok(fitting);
      const found = tools.map((tool) => tool.version).join(", ") || "none";
      return failed(
        fault(
          "UserErrorUnsupportedServerVersion",
          { server, version, found },
          {
            target: server,
            recommendedAction: [`apt-get install postgresql-client-${majorOf(version)}`],
          },
        ),
      );
    },
  };
}

/** `tools` is in ascending order of major. */
export const pickTools = (tools: readonly ClientTools[], major: number): ClientTools | undefined =>
  tools.find((candidate) => candidate.major >= major);

async function discover(options: ClientToolsOptions): Promise<readonly ClientTools[]> {
  const byMajor = new Map<number, ClientTools>();
  for (const directory of await searchDirectories(options)) {
    const tools = await toolsIn(directory);
    if (tools !== undefined && !byMajor.has(tools.major)) byMajor.set(tools.major, tools);
  }
  return [...byMajor.values()].toSorted((a, b) => a.major - b.major);
}

async function searchDirectories(options: ClientToolsOptions): Promise<readonly string[]> {
  const packaged = await Promise.all(
    packageLayouts.map(async ({ base, entry, tail }) =>
      (await entriesOf(base))
        .filter((name) => entry.test(name))
        .map((name) => join(base, name, tail)),
    ),
  );
  const onPath = (options.searchPath ?? "").split(":").filter((directory) => directory !== "");
  const all = [...(options.directories ?? []), ...packaged.flat(), ...onPath];
  return [...new Set(all)].slice(0, directoryLimit);
}

const entriesOf = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch(() => []);

/** Undefined unless pg_dump and pg_restore are both there and pg_dump tells its version. */
async function toolsIn(directory: string): Promise<ClientTools | undefined> {
  const [pgDump, pgRestore, psql] = await Promise.all(
    ["pg_dump", "pg_restore", "psql"].map((name) => executable(join(directory, name))),
  );
  if (pgDump === undefined || pgRestore === undefined) return undefined;
  const result = await runTool({ file: pgDump, args: ["--version"], timeoutMs: versionTimeoutMs });
  const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(result.stdout)?.[1];
  if (version === undefined) return undefined;
  return { major: majorOf(version), version, pgDump, pgRestore, ...(psql && { psql }) };
}

/**
 * Debian's /usr/bin/pg_dump is a Perl wrapper that chooses a version by local clusters; the real
 * programs are found in the package layout.
 */
async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return basename(await realpath(path)) === "pg_wrapper" ? undefined : path;
  } catch {
    return undefined;
  }
}
