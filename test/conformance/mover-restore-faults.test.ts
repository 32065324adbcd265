import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FaultError } from "../../src/domain/fault.ts";
import type { ArchiveManifest } from "../../src/domain/manifest.ts";
import type { DumpOutcome, RestoreRequest } from "../../src/ports/data-mover.ts";
import { faultyBlobs } from "../adapters/postgres/mover/faulty-blobs.ts";
import { createRig, type MoverRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { pgvaultSessions } from "../support/dump-sessions.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;
let rig: MoverRig;
let outcome: DumpOutcome;
/** Called before each read of a blob. */
let beforeRead: () => Promise<void> | void = () => {};

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE src");
  await cluster.psql(
    `CREATE ROLE keeper;
     CREATE TABLE one AS SELECT g, md5(g::text) AS noise FROM generate_series(1, 300000) g;
     ALTER TABLE one ADD PRIMARY KEY (g); CREATE TABLE two (a int REFERENCES one (g));
     INSERT INTO two SELECT generate_series(1, 1000); ALTER TABLE two OWNER TO keeper`,
    "src",
  );
  rig = createRig(cluster, {
    wrap: (blobs) => faultyBlobs(blobs, { beforeRead: () => beforeRead() }),
  });
  outcome = await rig.dump("src");
});

afterAll(() => cluster.stop());

beforeEach(() => {
  beforeRead = () => {};
});

const databases = async (): Promise<readonly string[]> =>
  (await cluster.psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"))
    .trim()
    .split("\n");

const restoring = async (request: RestoreRequest, signal?: AbortSignal): Promise<unknown> =>
  rig.mover.restoreDatabase(request, quietControl(signal)).then(
    () => "it succeeded",
    (error: unknown) => error,
  );

const codeOf = (error: unknown): string =>
  error instanceof FaultError ? error.fault.code : String(error);

/** The request with another manifest. */
const withArchive = (change: (archive: ArchiveManifest) => ArchiveManifest): RestoreRequest => {
  const request = rig.request(outcome, "target");
  return { ...request, archive: change(request.archive) };
};

const mapTable = (
  archive: ArchiveManifest,
  change: (file: ArchiveManifest["files"][number]) => ArchiveManifest["files"][number],
): ArchiveManifest => ({
  ...archive,
  files: archive.files.map((file) => (file.table?.name === "one" ? change(file) : file)),
});

describe("a stored segment that is not what was written", () => {
  it.each<[string, (archive: ArchiveManifest) => ArchiveManifest, string]>([
    [
      "has another checksum",
      (archive) =>
        mapTable(archive, (file) => ({
          ...file,
          segments: file.segments.map((segment) => ({ ...segment, sha256: "0".repeat(64) })),
        })),
      "RecoveryPointCorrupt",
    ],
    [
      "is missing from the manifest",
      (archive) => mapTable(archive, (file) => ({ ...file, segments: file.segments.slice(1) })),
      "RestoreFailed",
    ],
    [
      "is cut short",
      (archive) =>
        mapTable(archive, (file) => ({
          ...file,
          segments: file.segments.map((segment) => ({ ...segment, length: segment.length - 1 })),
        })),
      "RecoveryPointCorrupt",
    ],
    [
      "is swapped for another",
      (archive) =>
        mapTable(archive, (file) => ({
          ...file,
          segments: file.segments.map((segment) => ({
            ...(archive.files.find((other) => other.table?.name === "two")?.segments[0] ?? segment),
            sha256: segment.sha256,
          })),
        })),
      "RecoveryPointCorrupt",
    ],
    [
      "lies in a pack that is gone",
      (archive) => ({
        ...archive,
        packs: archive.packs.map((pack) => ({ ...pack, name: `${pack.name}-gone` })),
      }),
      "RecoveryPointCorrupt",
    ],
  ])("%s: the restore fails and its database is gone", async (_name, change, code) => {
    const request = withArchive(change);
    expect(codeOf(await restoring(request))).toBe(code);
    expect(await databases()).toEqual(["postgres", "src"]);
    const verdict = await rig.mover.verify(request, quietControl()).catch(codeOf);
    if (code === "RecoveryPointCorrupt") expect(verdict).toBe(code);
  });

  it("has one flipped byte anywhere: verify and restore say so", async () => {
    const damaged = createRig(cluster);
    const dumped = await damaged.dump("src");
    const [pack] = dumped.archive.packs;
    damaged.blobs.corrupt(`${damaged.folder}/${pack?.name}`, Math.floor((pack?.length ?? 0) / 2));
    const stored = damaged.request(dumped, "target");
    const verify = damaged.mover.verify(stored, quietControl());
    await expect(verify).rejects.toMatchObject({ fault: { code: "RecoveryPointCorrupt" } });
    const restore = damaged.restore(dumped, "target");
    await expect(restore).rejects.toMatchObject({ fault: { code: "RecoveryPointCorrupt" } });
    expect(await databases()).toEqual(["postgres", "src"]);
  });
});

describe("a restore that is disturbed leaves no database behind", () => {
  it.each([
    [
      "every session is terminated",
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgvault%'`,
    ],
    [
      "one loading session is terminated",
      // One that has done its work already would not be missed.
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgvault%' AND state = 'active' AND query LIKE 'COPY%' LIMIT 1`,
    ],
  ])("when %s", async (_name, sql) => {
    let reads = 0;
    let ended = "";
    beforeRead = async () => {
      reads += 1;
      // From the third read on data is loaded, but it may be one that a session does before its COPY.
      if (reads >= 3 && ended === "") ended = await cluster.psql(sql);
    };
    expect(codeOf(await restoring(rig.request(outcome, "target")))).toBe(
      "UserErrorServerConnectionClosed",
    );
    expect(await databases()).toEqual(["postgres", "src"]);
    expect(await pgvaultSessions(cluster)).toBe(0);
  });

  it("when it is cancelled", async () => {
    const cancel = new AbortController();
    let reads = 0;
    beforeRead = () => {
      reads += 1;
      if (reads === 3) cancel.abort(new Error("cancelled by a person"));
    };
    const error = await restoring(rig.request(outcome, "target"), cancel.signal);
    expect(String(error)).toContain("cancelled by a person");
    expect(await databases()).toEqual(["postgres", "src"]);
    expect(await pgvaultSessions(cluster)).toBe(0);
  });

  it("when a role is missing, and tells the statement that failed", async () => {
    await cluster.psql("ALTER TABLE two OWNER TO postgres", "src");
    await cluster.psql("DROP ROLE keeper");
    const error = await restoring(rig.request(outcome, "target"));
    await cluster.psql("CREATE ROLE keeper");
    expect(codeOf(error)).toBe("UserErrorRestoreObjectFailed");
    expect(String(error)).toContain('role "keeper" does not exist');
    expect(String(error)).toContain("ALTER TABLE public.two OWNER TO keeper");
    expect(await databases()).toEqual(["postgres", "src"]);
  });
});

describe("a database of the target's name", () => {
  it("is never touched when it is somebody else's", async () => {
    await cluster.psql("CREATE DATABASE taken");
    await cluster.psql("CREATE TABLE precious (a int)", "taken");
    expect(codeOf(await restoring(rig.request(outcome, "taken")))).toBe(
      "UserErrorDatabaseNameAlreadyInUse",
    );
    expect(await cluster.psql("SELECT to_regclass('precious')", "taken")).toContain("precious");
    await cluster.psql("DROP DATABASE taken");
  });

  it("is replaced when an earlier attempt of the same job left it behind", async () => {
    const request = rig.request(outcome, "again");
    expect(await restoring(request)).toBe("it succeeded");
    await cluster.psql("DROP TABLE two; CREATE TABLE leftover (a int)", "again");
    expect(await restoring(request)).toBe("it succeeded");
    expect(await rig.differences("src", "again")).toEqual([]);
    await cluster.psql("DROP DATABASE again");
  });
});
