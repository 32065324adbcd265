import { failed, ok, type Result } from "../../domain/result.ts";

/**
 * Splits an ADO.NET connection string as .NET does: pairs end in `;`, empty ones are skipped, `==`
 * in a key is one `=`, a value may stand in `'` or `"` with that quote doubled inside, the last of
 * equal keys wins. Keys come back in lower case without blanks or underscores.
 *
 * Errors tell the place, never the text: any of it may be part of a password.
 *
 * Our own because `@tediousjs/connection-string` reads `Password=;Host=h` as the password `;Host=h`,
 * takes `{` for a quote and `;;` for one `;`, none of which .NET does.
 */
export function splitAdoPairs(text: string): Result<ReadonlyMap<string, string>, string> {
  const pairs = new Map<string, string>();
  let at = 0;
  for (let number = 1; ; number++) {
    at = skip(text, at, /[\s;]*/y);
    if (at >= text.length) return ok(pairs);
    const key = readKey(text, at);
    if (key === undefined) return failed(`entry ${number} is not of the form Name=Value.`);
    const value = readValue(text, key.end);
    if (value === undefined)
      return failed(
        `the quoted value of entry ${number} does not end in its quote followed by a semicolon.`,
      );
    pairs.set(key.name, value.text);
    at = value.end;
  }
}

interface Piece {
  readonly text: string;
  /** Index of what follows. */
  readonly end: number;
}

function readKey(text: string, start: number): { name: string; end: number } | undefined {
  const match = matchAt(text, start, /((?:[^=;]|==)+)=(?!=)/y);
  if (match === undefined) return undefined;
  const name = (match[1] ?? "").replaceAll("==", "=").replaceAll(/[\s_]/g, "").toLowerCase();
  return name === "" ? undefined : { name, end: start + match[0].length };
}

function readValue(text: string, start: number): Piece | undefined {
  const at = skip(text, start, /\s*/y);
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    const [plain = ""] = matchAt(text, at, /[^;]*/y) ?? [];
    return { text: plain.trimEnd(), end: at + plain.length };
  }
  const quoted = matchAt(
    text,
    at,
    quote === '"' ? /"((?:[^"]|"")*)"\s*(?:;|$)/y : /'((?:[^']|'')*)'\s*(?:;|$)/y,
  );
  if (quoted === undefined) return undefined;
  const value = (quoted[1] ?? "").replaceAll(quote + quote, quote);
  return { text: value, end: at + quoted[0].length };
}

const skip = (text: string, at: number, pattern: RegExp): number =>
  at + (matchAt(text, at, pattern)?.[0].length ?? 0);

function matchAt(text: string, at: number, sticky: RegExp): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}
