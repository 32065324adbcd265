import { readFileSync, statSync } from "node:fs";
import type { Clock } from "../../ports/clock.ts";
import { systemClock } from "./clock.ts";

/**
 * A clock for tests and rehearsals: the file holds either milliseconds to add to the machine's clock
 * (`604800000`) or the ISO instant that it was when the file was written (`2027-01-03T06:30:00Z`),
 * from which time goes on. Read again at every look, so that a year passes by writing a file (write
 * another and rename it, or a look sees half of it). No file, no change; anything else in it is an
 * error, because a wrong clock expires recovery points.
 */
export function createFileClock(file: string, base: Clock = systemClock): Clock {
  return {
    now() {
      const text = contentOf(file);
      return text === undefined ? base.now() : instantOf(file, text, base);
    },
  };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function instantOf(file: string, text: string, base: Clock): number {
  if (/^[+-]?\d+$/.test(text)) return base.now() + Number(text);
  const writtenAt = statSync(file).mtimeMs;
  const startAt = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(startAt)) {
    throw new Error(`${file} holds '${text}', neither milliseconds nor an ISO instant`);
  }
  return Math.floor(startAt + (base.now() - writtenAt));
}
