import { FaultError, fault } from "./fault.ts";
import type { JsonObject } from "./json.ts";

/** Azure allows an entity 1 MiB of UTF-16, keys and names included; a margin is left for those. */
const valueLimitChars = 512_000;

/**
 * A row's value as ASCII JSON: pieces cut anywhere stay valid text, and Azurite, which decodes a
 * request body network packet by packet, cannot break a character that two packets share.
 * `RequestEntityTooLarge` when no table would take it; `target` names the row.
 */
export function encodeTableValue(value: JsonObject, target: string): string {
  const text = JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (text.length <= valueLimitChars) return text;
  throw new FaultError(fault("RequestEntityTooLarge", { limitBytes: valueLimitChars }, { target }));
}

export const parseTableValue = (text: string): JsonObject => JSON.parse(text) as JsonObject;
