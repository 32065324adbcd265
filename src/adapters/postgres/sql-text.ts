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
