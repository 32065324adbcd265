import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ClientTools,
  createClientTools,
  pickTools,
} from "../../../src/adapters/postgres/client-tools.ts";
import { majorOf, versionText } from "../../../src/adapters/postgres/server-version.ts";

const tools = (major: number): ClientTools => ({
  major,
  version: `${major}.1`,
  pgDump: `/${major}/pg_dump`,
  pgRestore: `/${major}/pg_restore`,
});

describe("the choice of client tools", () => {
  it.each([
    { installed: [15], server: 15, chosen: 15 },
    { installed: [14, 15, 17], server: 16, chosen: 17 },
    { installed: [14, 15, 17], server: 9.6, chosen: 14 },
    { installed: [9.6, 15], server: 9.6, chosen: 9.6 },
    { installed: [14, 15], server: 16, chosen: undefined },
    { installed: [], server: 15, chosen: undefined },
  ])("for server $server out of $installed is $chosen", ({ installed, server, chosen }) => {
    expect(pickTools(installed.map(tools), server)?.major).toBe(chosen);
  });

  it.each([
    ["15.18", 15],
    ["17beta2", 17],
    ["9.6.24", 9.6],
    ["15.18 (Debian 15.18-0+deb12u1)", 15],
  ])("reads the major of %s", (version, major) => expect(majorOf(version)).toBe(major));

  it.each([
    [150_018, "15.18"],
    [90_624, "9.6.24"],
    [180_000, "18.0"],
  ])("writes version number %i as %s", (number, text) => expect(versionText(number)).toBe(text));
});

describe("the search for client tools", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pgvault-tools-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function program(directory: string, name: string, prints: string): Promise<void> {
    await mkdir(join(folder, directory), { recursive: true });
    const file = join(folder, directory, name);
    await writeFile(file, `#!/bin/sh\necho '${prints}'\n`);
    await chmod(file, 0o755);
  }
  const pair = async (directory: string, version: string): Promise<void> => {
    await program(directory, "pg_dump", `pg_dump (PostgreSQL) ${version}`);
    await program(directory, "pg_restore", `pg_restore (PostgreSQL) ${version}`);
  };
  const majorsOver = async (majors: number, directories: string[]): Promise<readonly number[]> =>
    (await createClientTools({ directories }).installed())
      .map((found) => found.major)
      .filter((major) => major >= majors);

  it("takes configured directories first and one set per major", async () => {
    await pair("a", "98.2");
    await pair("b", "98.7 (Ubuntu)");
    await pair("c", "97.0");
    const found = await createClientTools({
      directories: [join(folder, "a")],
      searchPath: `${join(folder, "b")}::${join(folder, "c")}`,
    }).installed();
    expect(found.filter((set) => set.major > 90).map((set) => [set.version, set.pgDump])).toEqual([
      ["97.0", join(folder, "c", "pg_dump")],
      ["98.2", join(folder, "a", "pg_dump")],
    ]);
  });

  it("leaves out incomplete, broken and wrapped programs", async () => {
    await program("lonely", "pg_dump", "pg_dump (PostgreSQL) 98.1");
    await program("broken", "pg_dump", "segmentation fault");
    await program("broken", "pg_restore", "");
    await program("debian", "pg_wrapper", "pg_dump (PostgreSQL) 98.1");
    await symlink(join(folder, "debian/pg_wrapper"), join(folder, "debian/pg_dump"));
    await symlink(join(folder, "debian/pg_wrapper"), join(folder, "debian/pg_restore"));
    const directories = ["lonely", "broken", "debian", "absent"].map((name) => join(folder, name));
    expect(await majorsOver(90, directories)).toEqual([]);
  });

  it("looks again when its knowledge is old, and not before", async () => {
    const directories = [join(folder, "late")];
    const lasting = createClientTools({ directories });
    const fleeting = createClientTools({ directories, lifetimeMs: -1 });
    await Promise.all([lasting.installed(), fleeting.installed()]);
    await pair("late", "98.0");
    const has98 = async (source: typeof lasting): Promise<boolean> =>
      (await source.installed()).some((set) => set.major === 98);
    expect(await has98(lasting)).toBe(false);
    expect(await has98(fleeting)).toBe(true);
  });

  it("names server, version and what was found when none fits", async () => {
    const answer = await createClientTools().forVersion("99.1", "db.example:5432");
    expect(answer).toMatchObject({
      ok: false,
      error: { code: "UserErrorUnsupportedServerVersion", target: "db.example:5432" },
    });
    expect(!answer.ok && answer.error.message).toMatch(/PostgreSQL 99\.1.*found: /);
    expect(!answer.ok && answer.error.recommendedAction[0]).toBe(
      "apt-get install postgresql-client-99",
    );
  });
});
