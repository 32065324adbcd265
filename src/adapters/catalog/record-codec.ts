import type { JsonObject } from "../../domain/json.ts";
import type { Versioned } from "../../ports/catalog.ts";
import type { Row } from "../../ports/table-store.ts";

/** A record as the JSON that it is; members that are undefined vanish in the table. */
export const encodeRecord = (record: object): JsonObject => record as JsonObject;

/** Rows are written by `encodeRecord` alone, so the type that went in comes out. */
export const parseRecord = <T>(row: Pick<Row, "value">): T => row.value as T;

export const parseVersioned = <T>(row: Row): Versioned<T> => ({
  value: parseRecord<T>(row),
  etag: row.etag,
});

/** The same for the blobs that mirror definitions. */
export const encodeBlob = (kind: string, record: object): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify({ version: 1, kind, value: record }, null, 2)}\n`);

/** Undefined when the blob is not a mirror of this kind and version. */
export function parseBlob<T extends object>(kind: string, body: Uint8Array): T | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { version, kind: found, value } = parsed as Record<string, unknown>;
    if (version !== 1 || found !== kind || typeof value !== "object") return undefined;
    return (value as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
