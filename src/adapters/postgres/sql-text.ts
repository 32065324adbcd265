/**
 * PostgreSQL identifiers and literals as SQL text. Control characters are written as escapes, so
 * that a statement stays on one line whatever the names in it are. Assumes
 * standard_conforming_strings = on, the default since 9.1.
 */
export function quoteIdentifier(name: string): string {
  if (!hasControl(name)) return `"${name.replaceAll('"', '""')}"`;
  return `U&"${escapeUnicode(name).replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  if (!hasControl(text)) return `'${text.replaceAll("'", "''")}'`;
  return `U&'${escapeUnicode(text).replaceAll("'", "''")}'`;
}

/** `"schema"."name"`. */
export const qualifiedName = (schema: string, name: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

const isControl = (character: string): boolean => character < " " || character === "\u007f";
const hasControl = (text: string): boolean => Array.from(text).some(isControl);

const escapeUnicode = (text: string): string =>
  Array.from(text)
    .map((character) => {
      if (character === "\\") return "\\\\";
      if (!isControl(character)) return character;
      return `\\${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    })
    .join("");

/** For people: quoted only where PostgreSQL would need it (keywords aside). */
export const readableName = (...parts: readonly string[]): string =>
  parts.map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : quoteIdentifier(part))).join(".");

/** `DO` with a quote that the body cannot end. */
export function doBlock(body: string): string {
  let tag = "$pgvault$";
  for (let attempt = 1; body.includes(tag); attempt += 1) tag = `$pgvault${attempt}$`;
  return `DO ${tag}\n${body}\n${tag};`;
}
