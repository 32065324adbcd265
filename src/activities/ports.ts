import type { WorkSettings } from "../domain/settings.ts";
import type { BlobStore, LeaseStore } from "../ports/blob-store.ts";
import type { Catalog } from "../ports/catalog.ts";
import type { Clock, IdSource } from "../ports/clock.ts";
import type { ArchiveExporter, DataMover, RecoveryProver } from "../ports/data-mover.ts";
import type { DatabaseServers } from "../ports/database-server.ts";
import type { RestoreContainers } from "../ports/restore-container.ts";
import type { ConnectionSource } from "../ports/secret-store.ts";

/** Everything that activities reach the world through. */
export interface ActivityPorts {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly leases: LeaseStore;
  readonly servers: DatabaseServers;
  readonly connections: ConnectionSource;
  readonly mover: DataMover & ArchiveExporter & RecoveryProver;
  readonly containers: RestoreContainers;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly settings: WorkSettings;
}
