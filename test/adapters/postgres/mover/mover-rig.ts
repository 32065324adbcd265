import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { compareDatabases, presentDifference } from "../../../../scripts/compare-databases.ts";
import {
  createMemoryBlobStore,
  type MemoryBlobStore,
} from "../../../../src/adapters/memory/blob-store.ts";
import { createClientTools } from "../../../../src/adapters/postgres/client-tools.ts";
import {
  createDataMover,
  type DataMoverOptions,
  type PostgresDataMover,
} from "../../../../src/adapters/postgres/mover/create-data-mover.ts";
import { type DatabaseConnection, Secret } from "../../../../src/domain/connection.ts";
import type { ManifestSource } from "../../../../src/domain/manifest.ts";
import type { BlobStore } from "../../../../src/ports/blob-store.ts";
import type {
  DumpOutcome,
  DumpSettings,
  ExportOutcome,
  ExportRequest,
  RestoreOutcome,
  RestoreRequest,
  RestoreSettings,
  TransferControl,
} from "../../../../src/ports/data-mover.ts";
import type { PostgresCluster } from "../../../support/postgres-cluster.ts";

/** A mover on a real server with blobs in memory, and short ways to use it. */
export interface MoverRig {
  readonly blobs: MemoryBlobStore;
  readonly mover: PostgresDataMover;
  readonly folder: string;
  connection(database: string): DatabaseConnection;
  dump(
    database: string,
    settings?: Partial<DumpSettings>,
    signal?: AbortSignal,
  ): Promise<DumpOutcome>;
  request(
    outcome: DumpOutcome,
    database: string,
    settings?: Partial<RestoreSettings>,
  ): RestoreRequest;
  restore(
    outcome: DumpOutcome,
    database: string,
    settings?: Partial<RestoreSettings>,
  ): Promise<RestoreOutcome>;
  /** Writes the archive's files into a folder that exists. */
  restoreFiles(
    outcome: DumpOutcome,
    path: string,
    compression: ExportRequest["compression"],
  ): Promise<ExportOutcome>;
  /** What differs between two databases, one line each. */
  differences(source: string, target: string): Promise<readonly string[]>;
}

export interface RigOptions extends Partial<Omit<DataMoverOptions, "blobs">> {
  /** Puts faults between mover and blobs. */
  readonly wrap?: (blobs: BlobStore) => BlobStore;
  /** Restores go here; absent: the same server. */
  readonly targetCluster?: PostgresCluster;
}

export const quietControl = (signal = new AbortController().signal): TransferControl => ({
  signal,
  onProgress: () => {},
});

export function createRig(cluster: PostgresCluster, options: RigOptions = {}): MoverRig {
  const blobs = createMemoryBlobStore({ clock: { now: () => Date.now() } });
  const { wrap, targetCluster = cluster, ...moverOptions } = options;
  const tools = createClientTools({ directories: [cluster.binaries.binDir] });
  const mover = createDataMover({ tools, ...moverOptions, blobs: wrap?.(blobs) ?? blobs });
  const folder = `vault/recovery-points/${randomUUID()}/1`;
  const connectionOf = (server: PostgresCluster, database: string): DatabaseConnection => ({
    host: server.host,
    port: server.port,
    user: server.user,
    password: new Secret(server.password),
    sslMode: "disable",
    database,
  });
  const request: MoverRig["request"] = (outcome, database, settings = {}) => ({
    recoveryPointId: "rp",
    folder,
    archive: outcome.archive,
    jobId: randomUUID(),
    target: connectionOf(targetCluster, database),
    source: manifestSource(outcome),
    settings: {
      connections: 3,
      keepOwners: true,
      keepPrivileges: true,
      keepTablespaces: true,
      keepComments: true,
      schemaOnly: false,
      ...settings,
    },
  });
  return {
    blobs,
    mover,
    folder,
    connection: (database) => connectionOf(cluster, database),
    dump: (database, settings = {}, signal) =>
      mover.dump(
        {
          jobId: randomUUID(),
          source: connectionOf(cluster, database),
          folder,
          settings: { connections: 3, compression: "zstd", compressionLevel: 1, ...settings },
        },
        quietControl(signal),
      ),
    request,
    restore: (outcome, database, settings) =>
      mover.restoreDatabase(request(outcome, database, settings), quietControl()),
    restoreFiles: (outcome, path, compression) =>
      mover.restoreFiles(
        {
          recoveryPointId: "rp",
          folder,
          archive: outcome.archive,
          source: manifestSource(outcome),
          compression,
          connections: 3,
        },
        { write: (name, chunks) => pipeline(chunks, createWriteStream(join(path, name))) },
        quietControl(),
      ),
    differences: async (source, target) => {
      const address = (server: PostgresCluster, database: string) => ({ ...server, database });
      const { differences } = await compareDatabases(
        address(cluster, source),
        address(targetCluster, target),
        cluster.binaries.binDir,
      );
      return differences.map(presentDifference);
    },
  };
}

export const manifestSource = (outcome: DumpOutcome): ManifestSource => ({
  instanceName: "instance",
  friendlyName: "friendly",
  datasourceId: "/id",
  ...outcome.source,
});
