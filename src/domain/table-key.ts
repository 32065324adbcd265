import { FaultError, fault } from "./fault.ts";

/** Table storage: at most 1 KiB of UTF-16 in each of partition and row key. */
export const tableKeyLimitChars = 512;

// What Azure refuses in keys, and `%`, which some of its gateways decode twice.
// oxlint-disable-next-line no-control-regex -- control characters are the point
const forbidden = /[/\\#?%\u0000-\u001f\u007f-\u009f]/;
// oxlint-disable-next-line no-control-regex -- as above; `|` separates parts and `~` escapes
const escaped = /[/\\#?%~|\u0000-\u001f\u007f-\u009f]/g;

/** Throws on a key that Table storage would refuse: the caller forgot `tableKey`. */
export function assertTableKey(key: string): void {
  if (key.length > tableKeyLimitChars || forbidden.test(key) || !key.isWellFormed()) {
    throw new FaultError(
      fault("InternalError", {
        detail: `table key ${JSON.stringify(key.slice(0, 80))} (${key.length} characters) holds / \\ # ? %, a control character or more than ${tableKeyLimitChars} characters`,
      }),
    );
  }
}

/**
 * A key from parts joined by `|`; characters that keys may not hold become `~` and two hex digits,
 * so that different parts never make the same key. Case is kept: fold it where names ignore case.
 */
export const tableKey = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll(escaped, escape)).join("|");

/** First key after every key that begins with `prefix|`; `}` is the character after `|`. */
export const afterPrefix = (prefix: string): string => `${prefix}}`;

const escape = (char: string): string =>
  `~${char.charCodeAt(0).toString(16).padStart(2, "0").toLowerCase()}`;

/**
 * Continuations name the last row answered, so that rows added or removed meanwhile neither repeat
 * nor hide others.
 */
export const encodeContinuation = (row: string): string => encodeURIComponent(row);

/** `BMSUserErrorInvalidInput` for text that no page of ours answered. */
export function decodeContinuation(text: string): string {
  try {
    const row = decodeURIComponent(text);
    assertTableKey(row);
    return row;
  } catch (cause) {
    const detail = "The continuation token ($skipToken) is not one that pgvault answered.";
    throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }), { cause });
  }
}
