import type { RestoreSettings } from "../../../ports/data-mover.ts";
import { kindOf, type TableOfContents, type TocEntry } from "../archive/table-of-contents.ts";

/** Entries that are restored, by dump id. */
export interface ChosenEntries {
  readonly chosen: ReadonlySet<number>;
  readonly warnings: readonly string[];
}

/** Things that hold rows or show them; chosen by schema or name only, never pulled in. */
const relationKinds: ReadonlySet<string> = new Set([
  "TABLE",
  "VIEW",
  "MATERIALIZED VIEW",
  "FOREIGN TABLE",
]);
/** Things that belong to what they depend on and follow it. */
const attachedKinds: ReadonlySet<string> = new Set([
  "ACL",
  "CHECK CONSTRAINT",
  "COMMENT",
  "CONSTRAINT",
  "DEFAULT",
  "FK CONSTRAINT",
  "INDEX",
  "INDEX ATTACH",
  "MATERIALIZED VIEW DATA",
  "POLICY",
  "ROW SECURITY",
  "RULE",
  "SECURITY LABEL",
  "SEQUENCE OWNED BY",
  "SEQUENCE SET",
  "STATISTICS",
  "STATISTICS DATA",
  "TABLE ATTACH",
  "TABLE DATA",
  "TRIGGER",
]);
/** Large objects, and their data, of every version of the archive. */
export const largeObjectKinds: ReadonlySet<string> = new Set(["BLOB", "BLOB METADATA", "BLOBS"]);
const largeObjectsWarning =
  "Large objects were left out: they belong to no schema or table. Columns of type oid may name ones that are not there; a restore of everything brings them.";
/** Settings of the session that pg_restore must always see. */
const sessionKinds: ReadonlySet<string> = new Set(["ENCODING", "STDSTRINGS", "SEARCHPATH"]);
const warningLimit = 50;

type PartialSettings = Pick<RestoreSettings, "onlySchemas" | "onlyTables">;

/**
 * All entries, or those of chosen schemas or tables with what they need: types, functions, schemas,
 * extensions and sequences are pulled in; what needs a relation that was not chosen (a foreign key, a
 * view) is left out with a warning. So are large objects, which belong to no schema.
 */
export function chooseEntries(
  toc: TableOfContents,
  settings: PartialSettings,
  nameOf: (bytes: Buffer | null) => string,
): ChosenEntries {
  const { onlySchemas, onlyTables } = settings;
  if (onlySchemas === undefined && onlyTables === undefined) {
    return { chosen: new Set(toc.entries.map((entry) => entry.dumpId)), warnings: [] };
  }
  const graph = describe(toc, nameOf);
  const roots = graph.entries.filter((entry) => isRoot(entry, settings));
  for (const partition of partitionsOf(graph, roots)) roots.push(partition);
  const { chosen, warnings } = choose(graph, roots);
  const hasLargeObjects = graph.entries.some(({ kind }) => largeObjectKinds.has(kind));
  return { chosen, warnings: hasLargeObjects ? [largeObjectsWarning, ...warnings] : warnings };
}

interface Described {
  readonly id: number;
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  readonly needs: readonly number[];
}

interface Graph {
  readonly entries: readonly Described[];
  readonly byId: ReadonlyMap<number, Described>;
}

function describe(toc: TableOfContents, nameOf: (bytes: Buffer | null) => string): Graph {
  const entries = toc.entries.map((entry: TocEntry) => ({
    id: entry.dumpId,
    kind: kindOf(entry),
    schema: nameOf(entry.namespace),
    name: nameOf(entry.tag),
    needs: entry.dependencies.map((id) => Number(id?.toString("latin1"))),
  }));
  return { entries, byId: new Map(entries.map((entry) => [entry.id, entry])) };
}

function isRoot(entry: Described, { onlySchemas, onlyTables }: PartialSettings): boolean {
  if (onlyTables !== undefined) {
    const wanted = onlyTables.some(
      (name) => name === entry.name || name === `${entry.schema}.${entry.name}`,
    );
    const inSchema = onlySchemas === undefined || onlySchemas.includes(entry.schema);
    return relationKinds.has(entry.kind) && wanted && inSchema;
  }
  if (entry.kind === "SCHEMA") return onlySchemas?.includes(entry.name) === true;
  return onlySchemas?.includes(entry.schema) === true && !attachedKinds.has(entry.kind);
}

/** Partitions of chosen tables, at any depth: without them the table has no rows. */
function partitionsOf(graph: Graph, roots: readonly Described[]): readonly Described[] {
  const ids = new Set(roots.map((root) => root.id));
  const found: Described[] = [];
  const attachments = graph.entries.filter((entry) => entry.kind === "TABLE ATTACH");
  for (let grew = true; grew; ) {
    grew = false;
    for (const { needs, schema, name } of attachments) {
      const tables = needs.flatMap((id) => graph.byId.get(id) ?? []);
      // The entry is named after the partition; its other table is the parent.
      const isPartition = (table: Described): boolean =>
        table.schema === schema && table.name === name;
      const partition = tables.find(isPartition);
      const hasParent = tables.some((table) => !isPartition(table) && ids.has(table.id));
      if (partition === undefined || !hasParent || ids.has(partition.id)) continue;
      ids.add(partition.id);
      found.push(partition);
      grew = true;
    }
  }
  return found;
}

function choose(graph: Graph, roots: readonly Described[]): ChosenEntries {
  const rootIds = new Set(roots.map((root) => root.id));
  const warnings: string[] = [];
  const verdicts = new Map<number, boolean>();
  /** Everything below must be restorable: a root, or something that may be pulled in. */
  const isRestorable = (id: number): boolean => {
    const known = verdicts.get(id);
    if (known !== undefined) return known;
    // Dependencies of an archive have no cycles; this stops one that is damaged.
    verdicts.set(id, false);
    const entry = graph.byId.get(id);
    // Ids without an entry are objects that pg_dump left out, such as built-in ones.
    const verdict =
      entry === undefined ||
      ((rootIds.has(id) || !relationKinds.has(entry.kind)) && entry.needs.every(isRestorable));
    verdicts.set(id, verdict);
    return verdict;
  };
  const chosen = new Set<number>();
  const take = (id: number): void => {
    const entry = graph.byId.get(id);
    if (entry === undefined || chosen.has(id)) return;
    chosen.add(id);
    entry.needs.forEach(take);
  };
  const refuse = (entry: Described): void => {
    if (warnings.length >= warningLimit) return;
    const label = `${entry.kind} ${entry.schema === "" ? "" : `${entry.schema}.`}${entry.name}`;
    warnings.push(`${label} was left out: it needs a relation that was not chosen.`);
  };
  for (const root of roots) {
    if (isRestorable(root.id)) take(root.id);
    else refuse(root);
  }
  for (const entry of graph.entries) {
    if (sessionKinds.has(entry.kind)) chosen.add(entry.id);
    if (!attachedKinds.has(entry.kind) || !belongsToChosen(graph, entry, chosen)) continue;
    if (isRestorable(entry.id)) take(entry.id);
    else if (isOwn(graph, entry, chosen)) refuse(entry);
  }
  return { chosen, warnings };
}

/** An index, a grant, a comment follows what it names; what it names is what it depends on. */
const belongsToChosen = (graph: Graph, entry: Described, chosen: ReadonlySet<number>): boolean =>
  entry.needs.some((id) => chosen.has(id) && graph.byId.has(id));

/** Tags of constraints and the like begin with their table: a foreign key from elsewhere is no loss. */
const isOwn = (graph: Graph, entry: Described, chosen: ReadonlySet<number>): boolean =>
  entry.needs.some((id) => {
    const table = graph.byId.get(id);
    return (
      table !== undefined &&
      chosen.has(id) &&
      table.schema === entry.schema &&
      entry.name.startsWith(`${table.name} `)
    );
  });
