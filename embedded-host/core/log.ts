/** Levels and categories as the Functions worker protocol names them. */
export type LogLevel =
  | "trace"
  | "debug"
  | "information"
  | "warning"
  | "error"
  | "critical"
  | "none";

/** `user` is what handlers log, `system` what libraries and the host log. */
export type LogCategory = "user" | "system" | "customMetric";

export interface LogEntry {
  readonly level: LogLevel;
  readonly category: LogCategory;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

export type WriteLog = (entry: LogEntry) => void;
