import type { LogEntry, LogLevel, WriteLog } from "./core/log.ts";

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

/**
 * One line per entry, filtered by `logging.logLevel` of host.json: the longest category that the
 * entry's category begins with decides (`Function.Name.User`, `Function.Name`, `Host`, `default`).
 */
export function createLog(
  levels: Readonly<Record<string, LogLevel>>,
  writeLine: (line: string) => void,
): WriteLog {
  return (entry) => {
    if (entry.category === "customMetric") return;
    if (SEVERITY[entry.level] < SEVERITY[minimumLevel(levels, categoryOf(entry))]) return;
    if (entry.level === "none") return;
    const subject = entry.functionName === undefined ? "" : ` [${entry.functionName}]`;
    writeLine(`${new Date().toISOString()} ${entry.level}${subject} ${entry.message}`);
  };
}

function categoryOf({ category, functionName }: LogEntry): string {
  if (functionName === undefined) return "Host";
  return category === "user" ? `Function.${functionName}.User` : `Function.${functionName}`;
}

function minimumLevel(levels: Readonly<Record<string, LogLevel>>, category: string): LogLevel {
  const [, level] = Object.entries(levels)
    .filter(([prefix]) => isPrefix(prefix, category))
    .reduce<[string, LogLevel | undefined]>(
      (best, [prefix, value]) => (prefix.length > best[0].length ? [prefix, value] : best),
      ["", undefined],
    );
  const fallback = Object.entries(levels).find(([name]) => name.toLowerCase() === "default");
  return level ?? fallback?.[1] ?? "information";
}

function isPrefix(prefix: string, category: string): boolean {
  const [short, long] = [prefix.toLowerCase(), category.toLowerCase()];
  return long === short || long.startsWith(`${short}.`);
}
