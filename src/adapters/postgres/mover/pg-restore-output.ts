/** One complaint of pg_restore with the statement that failed, where it told it. */
export interface RestoreComplaint {
  readonly message: string;
  readonly statement?: string;
  /** The archive's entry, such as `TABLE orders`. */
  readonly entry?: string;
}

const statementLimit = 2_000;

/** Reads the lines that pg_restore writes to stderr (with LC_ALL=C). */
export function createComplaintCollector(limit: number) {
  const complaints: { message: string; statement?: string; entry?: string }[] = [];
  let entry: string | undefined;
  let inStatement = false;
  return {
    line(text: string): void {
      const from = /^pg_restore: from TOC entry \d+; \d+ \d+ (.*)$/.exec(text);
      const error = /^pg_restore: error: (?:could not execute query: )?(.*)$/.exec(text);
      const command = /^Command was: (.*)$/.exec(text);
      const last = complaints.at(-1);
      if (text.startsWith("pg_restore: ")) inStatement = false;
      if (from !== null) entry = from[1];
      else if (error !== null) {
        if (complaints.length >= limit) return;
        complaints.push({
          message: error[1] ?? "",
          ...(entry === undefined ? {} : { entry }),
        });
      } else if (command !== null && last !== undefined) {
        last.statement = command[1] ?? "";
        inStatement = true;
      } else if (inStatement && last !== undefined) {
        last.statement = `${last.statement ?? ""}\n${text}`.slice(0, statementLimit);
      } else if (/^(DETAIL|HINT|CONTEXT): /.test(text) && last !== undefined) {
        last.message += ` ${text}`;
      }
    },
    complaints: (): readonly RestoreComplaint[] => complaints,
  };
}

/**
 * What a managed server forbids though nothing is lost by it: comments on extensions belong to the
 * extension's owner.
 */
export const isHarmless = (complaint: RestoreComplaint): boolean =>
  complaint.statement?.trim().startsWith("COMMENT ON EXTENSION ") === true &&
  complaint.message.includes("must be owner of extension");
