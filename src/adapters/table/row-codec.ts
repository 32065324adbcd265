import type { TableEntity } from "@azure/data-tables";
import type { JsonObject } from "../../domain/json.ts";
import { encodeTableValue, parseTableValue } from "../../domain/table-value.ts";

/** Azure: 64 KiB of UTF-16 in a string property, which is 32,768 characters. */
const chunkChars = 32_000;

/** What lies in a table: JSON text in pieces `v0`, `v1` …, and the id of the write that put it. */
export type StoredEntity = TableEntity<Record<string, unknown>>;

/**
 * `RequestEntityTooLarge` before anything is sent when the value cannot fit. `writeId` tells a
 * repeated request that an earlier attempt, whose reply was lost, had succeeded.
 */
export function encodeEntity(
  key: { readonly partition: string; readonly row: string },
  value: JsonObject,
  writeId: string,
): StoredEntity {
  const text = encodeTableValue(value, `${key.partition}/${key.row}`);
  const entity: StoredEntity = { partitionKey: key.partition, rowKey: key.row, w: writeId };
  for (let index = 0; index * chunkChars < text.length; index++) {
    entity[`v${index}`] = text.slice(index * chunkChars, (index + 1) * chunkChars);
  }
  return entity;
}

/** Inverse of `encodeEntity`. */
export function parseEntity(entity: Readonly<Record<string, unknown>>): {
  value: JsonObject;
  writeId: string;
} {
  let text = "";
  for (let index = 0; typeof entity[`v${index}`] === "string"; index++) {
    text += String(entity[`v${index}`]);
  }
  return { value: parseTableValue(text), writeId: String(entity["w"]) };
}
