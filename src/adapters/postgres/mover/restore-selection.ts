import type { RestoreSettings } from "../../../ports/data-mover.ts";
import type { TableOfContents, TocEntry } from "../archive/table-of-contents.ts";
import { isTableData } from "./dump-plan.ts";
import { chooseEntries } from "./partial-selection.ts";

/** Which entries of an archive are restored, and in which of the three phases. */
export interface RestoreSelection {
  /** By pg_restore: everything that data needs to be there. Without grants. */
  readonly preData: readonly number[];
  /** By ourselves. */
  readonly tables: readonly TocEntry[];
  readonly largeObjects: boolean;
  /** By pg_restore: sequence values, indexes, constraints, triggers, grants, materialized views. */
  readonly postData: readonly number[];
  /** Constraints and indexes that must be there at the end. */
  readonly promised: readonly TocEntry[];
  readonly warnings: readonly string[];
}

type SelectionSettings = Pick<
  RestoreSettings,
  "schemaOnly" | "onlySchemas" | "onlyTables" | "keepPrivileges"
>;

export function selectEntries(
  toc: TableOfContents,
  settings: SelectionSettings,
  nameOf: (bytes: Buffer | null) => string,
): RestoreSelection {
  const { chosen, warnings } = chooseEntries(toc, settings, nameOf);
  const entries = toc.entries.filter((entry) => chosen.has(entry.dumpId));
  const kind = (entry: TocEntry): string => entry.description?.toString("latin1") ?? "";
  const phases = assignPhases(entries, kind);
  const withData = !settings.schemaOnly;
  return {
    preData: phases.pre,
    tables: withData ? entries.filter(isTableData) : [],
    largeObjects: withData && entries.some((entry) => kind(entry) === "BLOBS"),
    postData: phases.post.filter((entry) => withData || !isDataOf(kind(entry))).map(idOf),
    promised: entries.filter((entry) => promisedKinds.has(kind(entry))),
    warnings,
  };
}

const promisedKinds: ReadonlySet<string> = new Set(["CONSTRAINT", "FK CONSTRAINT", "INDEX"]);
const dataKinds: ReadonlySet<string> = new Set(["TABLE DATA", "BLOBS", "BLOB COMMENTS"]);
/** Restored with the schema's rest, but they fill something. */
const isDataOf = (kind: string): boolean =>
  kind === "SEQUENCE SET" || kind === "MATERIALIZED VIEW DATA";
const idOf = (entry: TocEntry): number => entry.dumpId;

/**
 * Entries without a section belong to the section before them, as in pg_restore. Grants wait for
 * the end, as in pg_restore too: they may take from the owner what loading needs.
 */
function assignPhases(entries: readonly TocEntry[], kind: (entry: TocEntry) => string) {
  const pre: number[] = [];
  const post: TocEntry[] = [];
  let section: TocEntry["section"] = "pre-data";
  for (const entry of entries) {
    if (entry.section !== "none") section = entry.section;
    if (dataKinds.has(kind(entry))) continue;
    const waits = section !== "pre-data" || kind(entry) === "ACL";
    if (waits) post.push(entry);
    else pre.push(entry.dumpId);
  }
  return { pre, post };
}
