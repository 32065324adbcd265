import { FaultError, fault } from "../../domain/fault.ts";
import { type InstanceRef, normaliseResourceId, sameResourceId } from "../../domain/resource-id.ts";
import type { InstanceRecords } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Row, TableStore } from "../../ports/table-store.ts";
import { folded, instancePartition, instanceRefOf } from "./keys.ts";
import { encodeRecord, parseRecord } from "./record-codec.ts";

export interface ClaimPorts {
  readonly tables: TableStore;
  readonly clock: Clock;
  /** Resource id of the datasource that an instance protects; undefined: no such instance. */
  datasourceOf(instance: InstanceRef): Promise<string | undefined>;
}

interface Claim {
  readonly instance: InstanceRef;
  readonly claimedAtMs: number;
}

/**
 * A claim is taken before its instance is created. If the process dies in between, the claim names
 * an instance that does not exist: it counts this long, then it is anybody's.
 */
const danglingClaimMs = 15 * 60_000;
const maxRounds = 20;

/** One row for each protected datasource, over all vaults: `claim|<resource id>`. */
export function createDatasourceClaims(
  ports: ClaimPorts,
): Pick<InstanceRecords, "claimDatasource" | "releaseDatasource" | "holderOf"> {
  const { tables, clock } = ports;
  const read = (datasourceId: string) =>
    tables.get("resources", partitionOf(datasourceId), claimRow);

  const isLive = async (datasourceId: string, claim: Claim): Promise<boolean> => {
    if (clock.now() - claim.claimedAtMs < danglingClaimMs) return true;
    const protectedId = await ports.datasourceOf(claim.instance);
    return protectedId !== undefined && sameResourceId(protectedId, datasourceId);
  };

  /** Takes or renews the claim; undefined when somebody else moved first. */
  const take = async (
    datasourceId: string,
    instance: InstanceRef,
    current: Row | undefined,
  ): Promise<InstanceRef | undefined> => {
    const holder = instanceRefOf(instance);
    const value = encodeRecord({ instance: holder, claimedAtMs: clock.now() });
    const row = { partition: partitionOf(datasourceId), row: claimRow, value };
    const etag =
      current === undefined
        ? await tables.insert("resources", row)
        : await tables.replace("resources", row, current.etag);
    return etag === undefined ? undefined : holder;
  };

  return {
    async claimDatasource(datasourceId, instance) {
      for (let round = 1; round <= maxRounds; round++) {
        const current = await read(datasourceId);
        if (current !== undefined) {
          const claim = parseRecord<Claim>(current);
          const isOwn = isSameInstance(claim.instance, instance);
          if (!isOwn && (await isLive(datasourceId, claim))) return claim.instance;
        }
        const holder = await take(datasourceId, instance, current);
        if (holder !== undefined) return holder;
      }
      throw new FaultError(fault("Conflict", { resource: datasourceId }));
    },

    async releaseDatasource(datasourceId, instance) {
      const current = await read(datasourceId);
      if (current === undefined) return;
      if (!isSameInstance(parseRecord<Claim>(current).instance, instance)) return;
      // Changed meanwhile: then it was claimed anew, and that claim stays.
      await tables.delete("resources", current.partition, current.row, current.etag);
    },

    async holderOf(datasourceId) {
      const current = await read(datasourceId);
      if (current === undefined) return undefined;
      const claim = parseRecord<Claim>(current);
      return (await isLive(datasourceId, claim)) ? claim.instance : undefined;
    },
  };
}

const claimRow = "claim";

const partitionOf = (datasourceId: string): string =>
  folded("claim", normaliseResourceId(datasourceId).replaceAll("/", ":"));

const isSameInstance = (a: InstanceRef, b: InstanceRef): boolean =>
  instancePartition(a) === instancePartition(b);
