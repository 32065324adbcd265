import { quoteIdentifier, quoteLiteral } from "./sql-text.ts";

/**
 * A database that a restore creates carries this comment until the restore has succeeded and been
 * checked, so that only its own job may take it over or drop it.
 */
const prefix = "pgvault restore ";

export const restoreMarker = (jobId: string): string => `${prefix}${jobId}`;

/** The job named by a database comment; undefined when it is not a marker. */
export function markedJobId(comment: string | null | undefined): string | undefined {
  if (comment === null || comment === undefined || !comment.startsWith(prefix)) return undefined;
  const jobId = comment.slice(prefix.length).trim();
  return jobId === "" ? undefined : jobId;
}

export const markStatement = (database: string, jobId: string): string =>
  `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${quoteLiteral(restoreMarker(jobId))}`;

/** Puts the source's own comment back in place of the marker; null removes it. */
export const unmarkStatement = (database: string, comment: string | null): string =>
  `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${comment === null ? "NULL" : quoteLiteral(comment)}`;
