import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPostgres } from "../../scripts/find-postgres.ts";

/** Real client tools, except that pg_dump can be told to die half way. */
export interface MortalPgDump {
  /** For PGVAULT_PG_BIN. */
  readonly binDir: string;
  /** The next `times` dumps write the first 4 KiB and are then killed with SIGKILL. */
  killNext(times: number): Promise<void>;
  remove(): Promise<void>;
}

export async function makeMortalPgDump(): Promise<MortalPgDump> {
  const found = await findPostgres();
  if (found === undefined) throw new Error("PostgreSQL is not installed.");
  const folder = await mkdtemp(join(tmpdir(), "pgvault-mortal-"));
  const binDir = join(folder, "bin");
  await mkdir(binDir);
  for (const tool of await readdir(found.binDir)) {
    if (tool !== "pg_dump") await symlink(join(found.binDir, tool), join(binDir, tool));
  }
  const script = join(binDir, "pg_dump");
  await writeFile(script, mortalScript(join(found.binDir, "pg_dump"), folder));
  await chmod(script, 0o755);
  return {
    binDir,
    killNext: async (times) => {
      for (let life = 0; life < times; life += 1) await mkdir(join(folder, `doomed-${life}`));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Each run that dumps (asking for the version does not) uses up one of the `doomed` folders. */
const mortalScript = (real: string, folder: string): string => `#!/bin/sh
case "$*" in
  *--format*)
    for doom in '${folder}'/doomed-*; do
      if rmdir "$doom" 2>/dev/null; then
        '${real}' "$@" | head -c 4096
        kill -KILL $$
      fi
    done ;;
esac
exec '${real}' "$@"
`;
