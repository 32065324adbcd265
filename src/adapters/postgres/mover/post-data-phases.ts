import { kindOf, type TableOfContents, type TocEntry } from "../archive/table-of-contents.ts";

/** One run of pg_restore over a part of the post-data section. */
export interface PostDataPhase {
  readonly name: "post-data-indexes" | "post-data-attach" | "post-data-rest";
  readonly dumpIds: readonly number[];
  readonly isParallel: boolean;
}

const indexKinds: ReadonlySet<string> = new Set(["INDEX", "CONSTRAINT", "STATISTICS"]);

/**
 * Three runs instead of one: indexes in parallel, then partitions' indexes attached one at a time,
 * then the rest in parallel. In one parallel run `ALTER INDEX … ATTACH PARTITION` deadlocks against
 * `ALTER TABLE … ADD FOREIGN KEY` on nested partitions (stock `pg_restore -j4` failed in 7 of 30 runs
 * on the sample database, split like this in none). Attaching last would not do: foreign keys need
 * the attached primary key.
 */
export function splitPostData(
  toc: TableOfContents,
  dumpIds: readonly number[],
): readonly PostDataPhase[] {
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const entries = dumpIds.flatMap((id) => byId.get(id) ?? []);
  const indexes = independent(entries, (kind) => indexKinds.has(kind), new Set());
  const attached = independent(entries, (kind) => kind === "INDEX ATTACH", indexes);
  const pick = (isWanted: (id: number) => boolean): readonly number[] => dumpIds.filter(isWanted);
  const phases: readonly PostDataPhase[] = [
    { name: "post-data-indexes", dumpIds: pick((id) => indexes.has(id)), isParallel: true },
    { name: "post-data-attach", dumpIds: pick((id) => attached.has(id)), isParallel: false },
    {
      name: "post-data-rest",
      dumpIds: pick((id) => !indexes.has(id) && !attached.has(id)),
      isParallel: true,
    },
  ];
  return phases.filter((phase) => phase.dumpIds.length > 0);
}

/**
 * Entries of the wanted kinds that need no other entry but of their own kinds or of `before`: an
 * index of a materialized view whose definition itself waits for post-data stays with the rest.
 */
function independent(
  entries: readonly TocEntry[],
  isWanted: (kind: string) => boolean,
  before: ReadonlySet<number>,
): ReadonlySet<number> {
  const all = new Set(entries.map((entry) => entry.dumpId));
  const chosen = new Set(
    entries.filter((entry) => isWanted(kindOf(entry))).map((entry) => entry.dumpId),
  );
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const entry of entries) {
      if (!chosen.has(entry.dumpId)) continue;
      const waits = needsOf(entry).some((id) => all.has(id) && !chosen.has(id) && !before.has(id));
      if (!waits) continue;
      chosen.delete(entry.dumpId);
      isSettled = false;
    }
  }
  return chosen;
}

const needsOf = (entry: TocEntry): readonly number[] =>
  entry.dependencies.map((id) => Number(id?.toString("latin1")));
