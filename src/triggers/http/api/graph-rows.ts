import { graphTypes, instanceRow, jobRow, vaultRow } from "../../../contract/graph-rows.ts";
import { askedType } from "../../../contract/kql/run-query.ts";
import type { GraphQuery } from "../../../contract/kql/syntax.ts";
import type { JsonObject } from "../../../domain/json.ts";
import { vaultResourceId } from "../../../domain/resource-id.ts";
import type { Vault } from "../../../domain/vault.ts";
import type { Page, PageRequest } from "../../../ports/catalog.ts";
import type { ApiCall } from "./operation-record.ts";
import { isAllowed } from "./permissions.ts";
import { vaultFacts } from "./vault-facts.ts";

/** Rows that one query reads at most, newest jobs first; beyond it the answer says truncated. */
const maxRows = 10_000;
const pageLimit = 1000;

export interface GraphRows {
  readonly rows: readonly JsonObject[];
  readonly truncated: boolean;
}

/** The rows that a query is about, of the vaults that the caller may read. */
export async function readGraphRows(
  call: ApiCall,
  query: GraphQuery,
  subscriptions: readonly string[],
): Promise<GraphRows> {
  const type = askedType(query);
  const rows: JsonObject[] = [];
  const full = () => rows.length >= maxRows;
  for await (const vault of readableVaults(call, subscriptions)) {
    if (query.table === "resources") rows.push(vaultRow(vault, vaultFacts(vault)));
    else {
      const kinds = [
        [graphTypes.instances, () => instanceRows(call, vault)],
        [graphTypes.jobs, () => jobRows(call, vault)],
      ] as const;
      for (const [kind, read] of kinds) {
        if (type !== undefined && type !== kind) continue;
        for await (const row of read()) {
          if (full()) break;
          rows.push(row);
        }
      }
    }
    if (full()) break;
  }
  return { rows, truncated: full() };
}

async function* readableVaults(
  call: ApiCall,
  subscriptions: readonly string[],
): AsyncGenerator<Vault> {
  const unique = new Set(subscriptions.map((subscription) => subscription.toLowerCase()));
  for (const subscriptionId of unique) {
    for await (const vault of every((page) => call.catalog.vaults.list({ subscriptionId }, page))) {
      if (isAllowed(call.principal, call.operation.permission, vaultResourceId(vault))) yield vault;
    }
  }
}

async function* instanceRows(call: ApiCall, vault: Vault): AsyncGenerator<JsonObject> {
  for await (const instance of every((page) => call.catalog.instances.list(vault, page))) {
    yield instanceRow(vault, instance);
  }
}

async function* jobRows(call: ApiCall, vault: Vault): AsyncGenerator<JsonObject> {
  for await (const job of every((page) => call.catalog.jobs.list(vault, page))) {
    yield jobRow(vault, job);
  }
}

async function* every<T>(read: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T> {
  let continuation: string | undefined;
  do {
    const page: Page<T> = await read({
      limit: pageLimit,
      ...(continuation === undefined ? {} : { continuation }),
    });
    yield* page.items;
    continuation = page.continuation;
  } while (continuation !== undefined);
}
