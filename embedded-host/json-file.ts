import { readFile } from "node:fs/promises";

/** A settings file that cannot be used; the message names file, field, value and expectation. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

export type JsonObject = Record<string, unknown>;

/**
 * A JSON object from a file as the Functions tools read it: with `//` and block comments, trailing
 * commas and a byte order mark. Undefined if there is no such file.
 */
export async function readJsonFile(path: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new SettingsError(`Cannot read ${path}: ${describeError(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(withoutComments(text.replace(/^\uFEFF/, "")));
  } catch (cause) {
    throw new SettingsError(`${path} is not valid JSON: ${describeError(cause)}`, { cause });
  }
  if (isJsonObject(value)) return value;
  throw new SettingsError(`${path} must hold a JSON object, not ${describeValue(value)}.`);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Property of an object, found as .NET configuration finds it: whatever the casing. */
export function property(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const key = Object.keys(object).find((other) => other.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

/** A value for an error message, short enough for one line. */
export function describeValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Strings are matched first, so that comment marks and commas inside them stay. */
function withoutComments(text: string): string {
  const stripped = text.replace(
    /("(?:\\.|[^"\\])*")|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g,
    (_match, string: string | undefined) => string ?? " ",
  );
  return stripped.replace(
    /("(?:\\.|[^"\\])*")|,(?=\s*[\]}])/g,
    (_match, string: string | undefined) => string ?? "",
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
