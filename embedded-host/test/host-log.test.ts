import { describe, expect, it } from "vitest";
import type { LogEntry, LogLevel } from "../core/log.ts";
import { createLog } from "../log.ts";

function lines(levels: Record<string, LogLevel>, entry: Partial<LogEntry>): string[] {
  const written: string[] = [];
  const log = createLog(levels, (line) => written.push(line));
  log({ level: "information", category: "system", message: "m", ...entry });
  return written;
}

describe("the log", () => {
  it("writes instant, level, function and message in one line", () => {
    const [line] = lines({}, { functionName: "F", category: "user", message: "hello" });
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z information \[F\] hello$/);
  });

  it.each<[Record<string, LogLevel>, Partial<LogEntry>, boolean]>([
    [{}, { level: "debug" }, false],
    [{}, { level: "information" }, true],
    [{ default: "error" }, { level: "warning" }, false],
    [{ default: "none" }, { level: "critical" }, false],
    [{ default: "error", Function: "debug" }, { level: "debug", functionName: "F" }, true],
    [{ Function: "debug", "Function.F": "error" }, { level: "warning", functionName: "F" }, false],
    [{ "Function.F": "error" }, { level: "information", functionName: "Fx" }, true],
    [
      { "Function.F": "error", "Function.F.User": "debug" },
      { level: "debug", functionName: "F", category: "user" },
      true,
    ],
    [{ host: "warning" }, { level: "information" }, false],
    [{}, { category: "customMetric" }, false],
    [{}, { level: "none" }, false],
  ])("with %j writes %j: %s", (levels, entry, expected) => {
    expect(lines(levels, entry)).toHaveLength(expected ? 1 : 0);
  });
});
