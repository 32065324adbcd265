import { quoteIdentifier, quoteLiteral } from "./sql-text.ts";

/**
 * A database that a restore creates carries this comment until the restore has succeeded and been
 * checked, so that only its own job may take it over or drop it. The source's own comment waits in
 * the lines behind it: whoever takes the mark off has no need to know of the recovery point.
 */
const prefix = "pgvault restore ";

export const restoreMarker = (jobId: string, original?: string): string =>
  original === undefined ? `${prefix}${jobId}` : `${prefix}${jobId}\n${original}`;

/** The job named by a database comment; undefined when it is not a marker. */
export function markedJobId(comment: string | null | undefined): string | undefined {
  if (comment === null || comment === undefined || !comment.startsWith(prefix)) return undefined;
  const [line = ""] = comment.slice(prefix.length).split("\n", 1);
  const jobId = line.trim();
  return jobId === "" ? undefined : jobId;
}

/** The customer's comment, behind any mark; a restored mark would give the database to its job. */
export function originalComment(comment: string | null | undefined): string | undefined {
  let original = comment ?? undefined;
  while (original !== undefined && markedJobId(original) !== undefined) {
    const end = original.indexOf("\n");
    original = end === -1 ? undefined : original.slice(end + 1);
  }
  return original;
}

export const markStatement = (database: string, jobId: string, original?: string): string =>
  commentStatement(database, restoreMarker(jobId, original));

/** Puts the source's own comment back in place of the marker; null removes it. */
export const unmarkStatement = (database: string, comment: string | null): string =>
  commentStatement(database, comment);

const commentStatement = (database: string, comment: string | null): string =>
  `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${comment === null ? "NULL" : quoteLiteral(comment)}`;
