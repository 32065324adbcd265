import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createFileClock } from "../../../src/adapters/system/clock-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pgvault-clock-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

test.each([
  ["604800000\n", 604_800_000],
  ["-60000", -60_000],
  ["+5", 5],
])("milliseconds %j shift the machine's clock", (text, shiftMs) => {
  const base = createManualClock("2026-01-01T00:00:00Z");
  const clock = createFileClock(written("offset", text), base);
  expect(clock.now() - base.now()).toBe(shiftMs);
});

test("without the file the machine's clock is the clock", () => {
  const base = createManualClock();
  expect(createFileClock(join(folder, "absent"), base).now()).toBe(base.now());
});

test("an instant is where time goes on from since the file was written", () => {
  const base = createManualClock("2026-01-01T00:00:00Z");
  const file = written("instant", "2027-03-28T06:30:00Z");
  utimesSync(file, base.now() / 1000, base.now() / 1000);
  const clock = createFileClock(file, base);
  expect(clock.now()).toBe(Date.parse("2027-03-28T06:30:00Z"));
  base.advance(90_000);
  expect(clock.now()).toBe(Date.parse("2027-03-28T06:31:30Z"));
});

test("each look reads the file again", () => {
  const base = createManualClock();
  const file = written("moved", "0");
  const clock = createFileClock(file, base);
  const before = clock.now();
  writeFileSync(file, "86400000");
  expect(clock.now() - before).toBe(86_400_000);
});

test.each(["", "tomorrow", "2027-01-01", "2027-13-01T00:00:00Z", "1e9"])(
  "%j is refused rather than guessed at",
  (text) => {
    const clock = createFileClock(written("wrong", text), createManualClock());
    expect(() => clock.now()).toThrow("neither milliseconds nor an ISO instant");
  },
);
