import type { TypedData } from "./worker-port.ts";

/**
 * JSON text of a value that the app returned, or null for "nothing". A string stays a string even
 * if it looks like JSON; bytes become base64 text.
 */
export function typedDataToJson(data: TypedData | null | undefined): string | null {
  if (data === null || data === undefined) return null;
  if (isVariant(data, "json")) return data.json;
  if (isVariant(data, "string")) return JSON.stringify(data.string);
  if (isVariant(data, "int")) return JSON.stringify(data.int);
  if (isVariant(data, "double")) return JSON.stringify(data.double);
  if (isVariant(data, "bytes")) return JSON.stringify(Buffer.from(data.bytes).toString("base64"));
  if (isVariant(data, "http")) return JSON.stringify(data.http);
  return null;
}

type Variant<K extends string> = Extract<TypedData, Record<K, unknown>>;

function isVariant<K extends "json" | "string" | "int" | "double" | "bytes" | "http">(
  data: TypedData,
  key: K,
): data is Variant<K> {
  return key in data;
}
