import type { RestoreSettings } from "../../../ports/data-mover.ts";
import { kindOf, type TableOfContents, type TocEntry } from "../archive/table-of-contents.ts";
import { isTableData } from "./dump-plan.ts";
import { chooseEntries, largeObjectKinds } from "./partial-selection.ts";

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
  const withData = !settings.schemaOnly;
  const entries = toc.entries.filter((entry) => chosen.has(entry.dumpId));
  const phases = assignPhases(entries, (entry) =>
    withData ? !dataKinds.has(kindOf(entry)) : !isData(entry),
  );
  return {
    preData: phases.pre,
    tables: withData ? entries.filter(isTableData) : [],
    largeObjects: withData && entries.some((entry) => kindOf(entry) === "BLOBS"),
    postData: phases.post,
    promised: entries.filter((entry) => promisedKinds.has(kindOf(entry))),
    warnings,
  };
}

const promisedKinds: ReadonlySet<string> = new Set(["CONSTRAINT", "FK CONSTRAINT", "INDEX"]);
const dataKinds: ReadonlySet<string> = new Set(["TABLE DATA", "BLOBS", "BLOB COMMENTS"]);
const fillingKinds: ReadonlySet<string> = new Set([
  ...dataKinds,
  ...largeObjectKinds,
  "SEQUENCE SET",
  "MATERIALIZED VIEW DATA",
]);

/** What a schema without data leaves out: pg_restore's `_tocEntryRequired` for `--schema-only`. */
const isData = (entry: TocEntry): boolean =>
  fillingKinds.has(kindOf(entry)) || isOfLargeObject(entry);

/** Their privileges, comments and security labels; with pg_dump 17 those of a group of them. */
const isOfLargeObject = (entry: TocEntry): boolean =>
  /^LARGE OBJECTS? /.test(entry.tag?.toString("latin1") ?? "") &&
  /^(?:ACL|COMMENT|SECURITY LABEL)$/.test(kindOf(entry));

/**
 * Entries without a section belong to the section before them, as in pg_restore. Grants wait for
 * the end, as in pg_restore too: they may take from the owner what loading needs.
 */
function assignPhases(entries: readonly TocEntry[], isForPgRestore: (entry: TocEntry) => boolean) {
  const pre: number[] = [];
  const post: number[] = [];
  let section: TocEntry["section"] = "pre-data";
  for (const entry of entries) {
    if (entry.section !== "none") section = entry.section;
    if (!isForPgRestore(entry)) continue;
    const waits = section !== "pre-data" || kindOf(entry) === "ACL";
    (waits ? post : pre).push(entry.dumpId);
  }
  return { pre, post };
}
