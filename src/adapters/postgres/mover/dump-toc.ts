import type { DatabaseConnection } from "../../../domain/connection.ts";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { DumpSettings } from "../../../ports/data-mover.ts";
import { ArchiveFormatError } from "../archive/archive-cursor.ts";
import { type TableOfContents, TocParser } from "../archive/table-of-contents.ts";
import { startChild } from "../child-process.ts";
import type { ClientTools } from "../client-tools.ts";
import { withLibpqEnvironment } from "../libpq-environment.ts";
import { translateToolFailure } from "../translate-tool-output.ts";
import { unlimitedTime } from "./open-session.ts";

export interface DumpTocOptions {
  readonly tools: ClientTools;
  readonly connection: DatabaseConnection;
  readonly jobId: string;
  readonly snapshotId: string;
  readonly settings: DumpSettings;
  readonly lockWaitMs: number;
  readonly signal: AbortSignal;
}

/** A table of contents is some hundred bytes per object; beyond this something is wrong. */
const tocLimitBytes = 2 * 1024 * 1024 * 1024;

/**
 * Lets pg_dump describe the database under our snapshot. Into a pipe it writes the whole table of
 * contents before any data; then we end it, for our own session holds every lock by then. Its death
 * before that is a failure.
 */
export function dumpToc(options: DumpTocOptions): Promise<TableOfContents> {
  const { connection, jobId, tools, signal } = options;
  const session = { jobId, sessionOptions: unlimitedTime };
  return withLibpqEnvironment(connection, session, async ({ env, dbname }) => {
    const child = startChild({
      file: tools.pgDump,
      args: [...dumpArguments(options), `--dbname=${dbname}`],
      env,
      signal,
    });
    try {
      const toc = await readToc(child.stdout);
      if (toc !== undefined) return toc;
      const result = await child.ended;
      signal.throwIfAborted();
      const context = { connection, otherwise: "DumpFailed" as const };
      throw new FaultError(translateToolFailure(result, context));
    } catch (error) {
      throw error instanceof ArchiveFormatError ? unreadable(error, connection) : error;
    } finally {
      child.stop();
      child.stdout?.destroy();
      await child.ended;
    }
  });
}

const dumpArguments = ({ snapshotId, settings, lockWaitMs }: DumpTocOptions): string[] => [
  "--format=custom",
  "--compress=0",
  "--no-password",
  `--snapshot=${snapshotId}`,
  `--lock-wait-timeout=${lockWaitMs}`,
  ...(settings.excludeSchemas ?? []).map((pattern) => `--exclude-schema=${pattern}`),
  ...(settings.excludeTables ?? []).map((pattern) => `--exclude-table=${pattern}`),
  ...(settings.excludeTableData ?? []).map((pattern) => `--exclude-table-data=${pattern}`),
];

/** Undefined when the output ends inside of the table of contents. */
async function readToc(
  stdout: AsyncIterable<Buffer> | undefined,
): Promise<TableOfContents | undefined> {
  const parser = new TocParser();
  let bytes = 0;
  for await (const chunk of stdout ?? []) {
    bytes += chunk.length;
    if (bytes > tocLimitBytes) throw new ArchiveFormatError("table of contents without an end");
    const toc = parser.push(chunk);
    if (toc !== undefined) return toc;
  }
  return undefined;
}

const unreadable = (error: ArchiveFormatError, connection: DatabaseConnection): FaultError =>
  new FaultError(
    fault("DumpFailed", {
      database: connection.database,
      detail: `pg_dump wrote an archive that pgvault cannot read: ${error.message}`,
    }),
    { cause: error },
  );
