import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { ensurePostgres } from "../../scripts/find-postgres.ts";
import { type PostgresCluster, startCluster } from "./postgres-cluster.ts";

const run = promisify(execFile);

/** Files of an extension written in SQL, by name: its control file and its script. */
export type ExtensionFiles = Readonly<Record<string, string>>;

/**
 * A server that offers one extension more than the machine's own, whose folders belong to root. A
 * server finds its files from where its program lies, so a copy of the programs in a folder of the
 * same shape sees that folder's files: links to the machine's, and the extension beside them.
 */
export async function startClusterWithExtension(files: ExtensionFiles): Promise<PostgresCluster> {
  const root = await mkdtemp(join(tmpdir(), "pgvault-extension-"));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    // mkdtemp makes folders private; the server runs as another user.
    await chmod(root, 0o755);
    const own = await ensurePostgres();
    const binDir = await layOut(own.binDir, root, files);
    const cluster = await startCluster({ binaries: { ...own, binDir } });
    return {
      ...cluster,
      stop: async () => {
        await cluster.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function layOut(binDir: string, root: string, files: ExtensionFiles): Promise<string> {
  const { stdout } = await run(join(binDir, "pg_config"), [
    "--bindir",
    "--sharedir",
    "--pkglibdir",
  ]);
  const [programs = "", shared = "", libraries = ""] = stdout.trim().split("\n");
  const base = commonFolder([programs, shared, libraries]);
  const inRoot = (folder: string): string => join(root, relative(base, folder));
  await cp(programs, inRoot(programs), { recursive: true, dereference: true });
  await mkdir(dirname(inRoot(libraries)), { recursive: true });
  await symlink(libraries, inRoot(libraries));
  await linkEntries(shared, inRoot(shared), "extension");
  const extensions = inRoot(join(shared, "extension"));
  await linkEntries(join(shared, "extension"), extensions);
  for (const [name, text] of Object.entries(files)) await writeFile(join(extensions, name), text);
  return inRoot(programs);
}

async function linkEntries(from: string, to: string, except?: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name !== except);
  await Promise.all(names.map((name) => symlink(join(from, name), join(to, name))));
}

function commonFolder(folders: readonly string[]): string {
  const [first = "", ...others] = folders;
  let base = first;
  while (base !== "/" && !others.every((folder) => folder.startsWith(`${base}/`))) {
    base = dirname(base);
  }
  return base;
}
