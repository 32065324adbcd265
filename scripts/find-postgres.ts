import { execFile, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** One folder that holds a server and its client tools, all of one version. */
export interface PostgresBinaries {
  readonly binDir: string;
  /** As `postgres --version` says, such as `15.18`. */
  readonly version: string;
  readonly major: number;
}

const requiredTools = ["postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore", "psql"] as const;

/** Where packages put PostgreSQL; `*` stands for one folder of any name. */
const packageFolders = [
  "/usr/lib/postgresql/*/bin", // Debian, Ubuntu
  "/usr/pgsql-*/bin", // Fedora, RHEL (PGDG)
  "/opt/homebrew/opt/*/bin", // macOS, Homebrew on Apple silicon
  "/usr/local/opt/*/bin", // macOS, Homebrew on Intel
];

const installHint = [
  "PostgreSQL (server and client tools) was not found. Install it:",
  "  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install -y postgresql",
  "  Fedora:          sudo dnf install -y postgresql-server postgresql",
  "  macOS:           brew install postgresql@17",
  "Other places are found when their bin folder is on PATH.",
].join("\n");

const run = promisify(execFile);

/** Everywhere that PostgreSQL may be: folders, in which one part may hold a `*`. */
const systemFolders = (): readonly string[] => [
  ...packageFolders,
  ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
];

/** The newest complete PostgreSQL of this machine; undefined when there is none. */
export async function findPostgres(
  places: readonly string[] = systemFolders(),
): Promise<PostgresBinaries | undefined> {
  const folders = [...new Set((await Promise.all(places.map(expand))).flat())];
  const found = await Promise.all(folders.map(inspect));
  return found
    .filter((binaries) => binaries !== undefined)
    .sort((one, other) => compareVersions(other.version, one.version))[0];
}

/**
 * As `findPostgres`, but installs PostgreSQL with apt where it is missing and allowed (root, apt-get
 * there, PGVAULT_NO_APT not set); else rejects with the command that would install it.
 */
export async function ensurePostgres(
  report: (line: string) => void = () => {},
  places?: readonly string[],
): Promise<PostgresBinaries> {
  const found = await findPostgres(places);
  if (found !== undefined) return found;
  if (!(await mayUseApt())) throw new Error(installHint);
  report("PostgreSQL is missing; installing it: apt-get update && apt-get install -y postgresql");
  await runApt(["update"]);
  await runApt(["install", "-y", "postgresql"]);
  const installed = await findPostgres(places);
  if (installed === undefined) {
    throw new Error(`apt-get installed postgresql, yet it was not found.\n${installHint}`);
  }
  return installed;
}

/** The folders that a pattern with one `*` names; none when its parent does not exist. */
async function expand(pattern: string): Promise<string[]> {
  if (!pattern.includes("*")) return [pattern];
  const parts = pattern.split("/");
  const starAt = parts.findIndex((part) => part.includes("*"));
  const prefix = parts[starAt]?.replace("*", "") ?? "";
  const parent = parts.slice(0, starAt).join("/");
  const names = await readdir(parent).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name, ...parts.slice(starAt + 1)));
}

async function inspect(binDir: string): Promise<PostgresBinaries | undefined> {
  try {
    await Promise.all(requiredTools.map((tool) => access(join(binDir, tool), constants.X_OK)));
    const { stdout } = await run(join(binDir, "postgres"), ["--version"]);
    const version = /(\d+)(\.\d+)?/.exec(stdout)?.[0];
    return version === undefined
      ? undefined
      : { binDir, version, major: Number.parseInt(version, 10) };
  } catch {
    // Not a complete installation: the next folder may be one.
    return undefined;
  }
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

async function mayUseApt(): Promise<boolean> {
  if (process.env["PGVAULT_NO_APT"] || process.getuid?.() !== 0) return false;
  return run("apt-get", ["--version"]).then(
    () => true,
    () => false,
  );
}

/** apt's own output goes to stderr, so that a script's stdout stays its own. */
function runApt(args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn("apt-get", args, {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  child.once("error", reject);
  child.once("exit", (code) => {
    if (code === 0) resolve();
    else reject(new Error(`apt-get ${args.join(" ")} exited with ${code}.\n${installHint}`));
  });
  return promise;
}
