import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ensurePostgres, findPostgres } from "../../../scripts/find-postgres.ts";

const tools = ["postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore", "psql"];
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "find-postgres-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const script = async (path: string, body: string) => {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
};

async function install(folder: string, version: string, without?: string): Promise<string> {
  const binDir = join(root, folder, "bin");
  await mkdir(binDir, { recursive: true });
  for (const tool of tools.filter((name) => name !== without)) {
    await script(join(binDir, tool), `echo "${tool} (PostgreSQL) ${version}"`);
  }
  return binDir;
}

test("the newest complete installation is chosen", async () => {
  await install("9", "9.6.24");
  const newest = await install("17", "17.4");
  await install("15", "15.18");
  await install("18", "18.1", "initdb");
  expect(await findPostgres([join(root, "*/bin")])).toEqual({
    binDir: newest,
    version: "17.4",
    major: 17,
  });
});

test("a folder without a pattern is looked at as it is", async () => {
  const binDir = await install("here", "16.2");
  expect(await findPostgres([join(root, "nowhere/bin"), binDir])).toMatchObject({ binDir });
});

test("where PostgreSQL is missing and apt not allowed, the error has the command", async () => {
  vi.stubEnv("PGVAULT_NO_APT", "1");
  const missing = ensurePostgres(undefined, [join(root, "*/bin")]);
  await expect(missing).rejects.toThrow(/apt-get install -y postgresql/);
  await expect(missing).rejects.toThrow(/dnf install .*postgresql-server/);
  await expect(missing).rejects.toThrow(/brew install postgresql/);
});

// Only root may install packages; for others the test before this one holds.
test.runIf(process.getuid?.() === 0)("apt installs it where it is missing", async () => {
  const bin = join(root, "apt");
  await mkdir(bin);
  const made = join(root, "made", "bin");
  const fakes = tools.map((tool) => `printf '#!/bin/sh\\necho ${tool} 15.3\\n' > ${made}/${tool}`);
  const body = `echo "$@" >> ${root}/calls; [ "$1" = install ] || exit 0; mkdir -p ${made}
${fakes.join("\n")}\nchmod +x ${made}/*`;
  await script(join(bin, "apt-get"), body);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  const said: string[] = [];
  const found = await ensurePostgres((line) => said.push(line), [join(root, "*/bin")]);
  expect(found).toEqual({ binDir: made, version: "15.3", major: 15 });
  expect(said.join()).toContain("apt-get");
});
