import { pathToFileURL } from "node:url";
import { type Contents, readContents } from "./compare/contents.ts";
import { readSchemaObjects } from "./compare/schema-objects.ts";
import { ensurePostgres } from "./find-postgres.ts";

/** Where a database is, in parts: a URL in argv would show the password to every user. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export type DifferenceKind =
  | "database"
  | "object"
  | "row count"
  | "content"
  | "populated"
  | "sequence"
  | "large object";

export interface Difference {
  readonly kind: DifferenceKind;
  /** Name of what differs, such as `TABLE shop.customer`. */
  readonly object: string;
  /** `undefined`: it is missing there. */
  readonly source: string | undefined;
  readonly target: string | undefined;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly objectCount: number;
  /** Rows of each table of the source. */
  readonly tables: ReadonlyMap<string, number>;
  readonly sequenceCount: number;
  readonly largeObjectCount: number;
}

/**
 * Compares two databases in all that a restore must bring back: definitions, rows, sequence values,
 * large objects. Owners and grants are left out: roles belong to the server, not to the database.
 */
export async function compareDatabases(
  source: DatabaseAddress,
  target: DatabaseAddress,
  binDir?: string,
): Promise<Comparison> {
  const folder = binDir ?? (await ensurePostgres()).binDir;
  const [sourceObjects, targetObjects, sourceContents, targetContents] = await Promise.all([
    readSchemaObjects(source, folder),
    readSchemaObjects(target, folder),
    readContents(source),
    readContents(target),
  ]);
  return {
    differences: [
      ...differencesOf("object", sourceObjects, targetObjects),
      ...contentDifferences(sourceContents, targetContents),
    ],
    objectCount: sourceObjects.size,
    tables: sourceContents.rowCounts,
    sequenceCount: sourceContents.sequences.size,
    largeObjectCount: sourceContents.largeObjects.size,
  };
}

/** One line for each difference, definitions cut to their first differing line. */
export function presentDifference(difference: Difference): string {
  const { kind, object } = difference;
  if (difference.source === undefined) return `${kind}: ${object} is only in the target`;
  if (difference.target === undefined) return `${kind}: ${object} is missing in the target`;
  const sourceLines = difference.source.split("\n");
  const targetLines = difference.target.split("\n");
  const at = sourceLines.findIndex((line, index) => line !== targetLines[index]);
  const index = at === -1 ? sourceLines.length : at;
  const [wanted, got] = [sourceLines[index] ?? "(end)", targetLines[index] ?? "(end)"];
  return `${kind}: ${object}: source has ${wanted.trim()}, target has ${got.trim()}`;
}

function contentDifferences(source: Contents, target: Contents): Difference[] {
  const counts = differencesOf("row count", source.rowCounts, target.rowCounts);
  const miscounted = new Set(counts.map((difference) => difference.object));
  return [
    ...differencesOf("database", source.properties, target.properties),
    ...counts,
    // A wrong count always changes the checksum: naming it twice would only be noise.
    ...differencesOf("content", source.checksums, target.checksums).filter(
      (difference) => !miscounted.has(difference.object),
    ),
    ...differencesOf("populated", source.populated, target.populated),
    ...differencesOf("sequence", source.sequences, target.sequences),
    ...differencesOf("large object", source.largeObjects, target.largeObjects),
  ];
}

function differencesOf(
  kind: DifferenceKind,
  source: ReadonlyMap<string, string | number>,
  target: ReadonlyMap<string, string | number>,
): Difference[] {
  const names = [...new Set([...source.keys(), ...target.keys()])].sort();
  return names
    .filter((name) => source.get(name) !== target.get(name))
    .map((object) => ({
      kind,
      object,
      source: source.get(object)?.toString(),
      target: target.get(object)?.toString(),
    }));
}

function parseAddress(text: string | undefined): DatabaseAddress {
  if (text === undefined || !URL.canParse(text)) {
    throw new Error(
      "Usage: node scripts/compare-databases.ts postgres://USER@HOST:PORT/SOURCE postgres://USER@HOST:PORT/TARGET\n" +
        "Passwords come from PGPASSWORD where the URLs carry none.",
    );
  }
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port || "5432"),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password) || (process.env["PGPASSWORD"] ?? ""),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [source, target] = process.argv.slice(2, 4).map(parseAddress);
  const comparison = await compareDatabases(
    source ?? parseAddress(undefined),
    target ?? parseAddress(undefined),
  );
  for (const difference of comparison.differences) console.log(presentDifference(difference));
  console.log(`${comparison.differences.length} difference(s)`);
  process.exitCode = comparison.differences.length === 0 ? 0 : 1;
}
