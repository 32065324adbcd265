import type { BackupInstance } from "../../domain/backup-instance.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { afterPrefix } from "../../domain/table-key.ts";
import { instancePath } from "../../domain/vault-paths.ts";
import type { InstanceRecords } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RowChange } from "../../ports/table-store.ts";
import { createDatasourceClaims } from "./datasource-claims.ts";
import { createDefinitions, type DefinitionStores, listRange } from "./definitions.ts";
import { folded, vaultPartition } from "./keys.ts";
import { parseRecord } from "./record-codec.ts";

/**
 * Instances lie in their vault's partition, rows `instance|<name>`; beside them `use|<policy>|<name>`
 * names who is under a policy. Both change in one transaction.
 */
export function createInstanceRecords(
  stores: DefinitionStores & { readonly clock: Clock },
): InstanceRecords {
  const { tables } = stores;
  const definitions = createDefinitions<InstanceRef, BackupInstance>(stores, {
    name: "instance",
    placeOf: (instance) => ({
      partition: vaultPartition(instance),
      row: folded("instance", instance.instanceName),
      path: instancePath(instance),
    }),
    refOf: (instance) => ({ ...instance.vault, instanceName: instance.name }),
    companions: changesOfUse,
  });
  const claims = createDatasourceClaims({
    tables,
    clock: stores.clock,
    datasourceOf: async (ref) => (await definitions.get(ref))?.value.datasource.resourceId,
  });
  return {
    ...definitions,
    ...claims,
    list: (vault, page) =>
      listRange(
        tables,
        { partition: vaultPartition(vault), from: "instance|", to: afterPrefix("instance") },
        page,
      ),
    async ofPolicy(vault, policyName, limit) {
      const prefix = folded("use", policyName);
      const { rows } = await tables.query("resources", {
        partition: vaultPartition(vault),
        from: `${prefix}|`,
        to: afterPrefix(prefix),
        limit,
      });
      return rows.map((row) => parseRecord<{ instanceName: string }>(row).instanceName);
    },
  };
}

function changesOfUse(
  before: BackupInstance | undefined,
  after: BackupInstance | undefined,
): readonly RowChange[] {
  const old = before === undefined ? undefined : useRow(before);
  const next = after === undefined ? undefined : useRow(after);
  if (old === next) return [];
  return [
    ...(old === undefined ? [] : [{ kind: "delete", row: old } as const]),
    ...(next === undefined || after === undefined
      ? []
      : [{ kind: "upsert", row: next, value: { instanceName: after.name } } as const]),
  ];
}

const useRow = (instance: BackupInstance): string =>
  folded("use", instance.policyName, instance.name);
