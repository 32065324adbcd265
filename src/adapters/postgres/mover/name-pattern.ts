/**
 * pg_dump's patterns for `--exclude-schema` and `--exclude-table` (psql's `\d` patterns) as regular
 * expressions of PostgreSQL: `*` any run, `?` any character, `"…"` exactly so, letters outside of
 * quotes in lower case, a dot between schema and name.
 */
export interface NamePattern {
  readonly schema?: string;
  readonly name: string;
}

/** Characters with a meaning in an advanced regular expression, besides those of the pattern. */
const special = /[$()+.[\\\]^{|}]/;

export function parseNamePattern(pattern: string): NamePattern {
  const parts: string[] = [""];
  let quoted = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? "";
    if (character === '"') {
      if (quoted && pattern[index + 1] === '"') {
        parts.push(`${parts.pop()}"`);
        index += 1;
      } else quoted = !quoted;
    } else if (!quoted && character === ".") parts.push("");
    else parts.push((parts.pop() ?? "") + translate(character, quoted));
  }
  const name = anchored(parts.at(-1) ?? "");
  const schema = parts.at(-2);
  return schema === undefined ? { name } : { schema: anchored(schema), name };
}

const anchored = (expression: string): string => `^(${expression})$`;

function translate(character: string, quoted: boolean): string {
  if (quoted)
    return special.test(character) || /[*?]/.test(character) ? `\\${character}` : character;
  switch (character) {
    case "*":
      return ".*";
    case "?":
      return ".";
    case "$":
      return "\\$";
    default:
      return character.toLowerCase();
  }
}
