import { odata, type TableClient } from "@azure/data-tables";
import { assertTableKey, decodeContinuation, encodeContinuation } from "../../domain/table-key.ts";
import type { Row, RowPage, RowQuery } from "../../ports/table-store.ts";
import { parseEntity, type StoredEntity } from "./row-codec.ts";
import type { TableRequests } from "./table-requests.ts";

/**
 * Azure may answer pages that are short, even empty, when a range crosses its own boundaries; this
 * asks on, so often at most, until the page is full or the range at its end.
 */
const maxRequests = 1_000;

export async function queryRows(requests: TableRequests, query: RowQuery): Promise<RowPage> {
  const filter = filterOf(query);
  const rows: Row[] = [];
  let token: string | undefined;
  for (let request = 1; request <= maxRequests; request++) {
    const size = query.limit - rows.length;
    const page = await requests.send((client) => nextPage(client, filter, size, token));
    rows.push(...page.map((entity) => presentRow(query.partition, entity)));
    token = page.continuationToken;
    const last = rows.at(-1);
    if (token === undefined) return { rows };
    if (rows.length >= query.limit && last !== undefined) {
      return { rows, continuation: encodeContinuation(last.row) };
    }
  }
  throw new Error(
    `A range of partition '${query.partition}' took more than ${maxRequests} requests`,
  );
}

type EntityPage = StoredEntity[] & { readonly continuationToken?: string };

async function nextPage(
  client: TableClient,
  filter: string,
  maxPageSize: number,
  token: string | undefined,
): Promise<EntityPage> {
  const pages = client
    .listEntities<StoredEntity>({ queryOptions: { filter } })
    .byPage({ maxPageSize, ...(token === undefined ? {} : { continuationToken: token }) });
  const next = await pages.next();
  return next.done === true ? [] : next.value;
}

/** Our continuation is the last row answered: the next page is what comes after it. */
function filterOf(query: RowQuery): string {
  assertTableKey(query.partition);
  const parts = [odata`PartitionKey eq ${query.partition}`];
  if (query.from !== undefined) parts.push(odata`RowKey ge ${query.from}`);
  if (query.continuation !== undefined) {
    parts.push(odata`RowKey gt ${decodeContinuation(query.continuation)}`);
  }
  if (query.to !== undefined) parts.push(odata`RowKey lt ${query.to}`);
  return parts.join(" and ");
}

function presentRow(partition: string, entity: StoredEntity): Row {
  const { etag, rowKey } = entity;
  if (typeof etag !== "string" || rowKey === undefined) {
    throw new Error("The table service answered a row without key or etag");
  }
  return { partition, row: rowKey, value: parseEntity(entity).value, etag };
}
