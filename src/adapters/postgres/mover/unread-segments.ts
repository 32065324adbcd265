import type { RestoreRequest } from "../../../ports/data-mover.ts";
import type { LargeObjectsTask, LoadTask } from "./load-plan.ts";
import type { SegmentReader } from "./segment-reader.ts";
import { distinctSegments, keyOf } from "./verify-archive.ts";

/**
 * Compares the checksums of what a whole restore does not need but the recovery point holds (end
 * marks, the roles file, tables of contents): a recovery point with a damaged byte is not to pass
 * for a good one. A few hundred bytes; a partial restore reads what it needs and no more.
 */
export async function checkUnread(
  { archive, settings }: Pick<RestoreRequest, "archive" | "settings">,
  tasks: readonly (LoadTask | LargeObjectsTask)[],
  reader: SegmentReader,
): Promise<void> {
  if (settings.schemaOnly || settings.onlySchemas || settings.onlyTables) return;
  const needed = new Set(tasks.flatMap(segmentsOf).map(keyOf));
  await reader.check(
    distinctSegments({ archive }).filter(({ segment }) => !needed.has(keyOf(segment))),
  );
}

const segmentsOf = (task: LoadTask | LargeObjectsTask) =>
  task.kind === "table" ? task.segments : task.files.flatMap((file) => file.segments);
