import { describe, expect, it } from "vitest";
import { WINDOWS_TO_IANA_MAP } from "windows-iana";
import { formatInstant, formatRecordInstant, parseInstant } from "../../../src/domain/instant.ts";
import { resolveTimeZone } from "../../../src/domain/policy/time-zone.ts";

describe("a time zone name", () => {
  it.each([
    ["UTC", "UTC"],
    ["utc", "UTC"],
    ["Coordinated Universal Time", "UTC"],
    ["India Standard Time", "Asia/Calcutta"],
    ["INDIA STANDARD TIME", "Asia/Calcutta"],
    ["Pacific Standard Time", "America/Los_Angeles"],
    ["W. Europe Standard Time", "Europe/Berlin"],
    ["AUS Eastern Standard Time", "Australia/Sydney"],
    ["europe/berlin", "Europe/Berlin"],
    [" Asia/Kolkata ", "Asia/Kolkata"],
  ])("%s is %s", (name, iana) => {
    expect(resolveTimeZone(name)).toEqual({ ok: true, value: iana });
  });

  it.each(["", "Mars/Olympus", "+05:30", "-0800", "GMT+25", "Pacific Standard"])(
    "%j is refused",
    (name) => {
      expect(resolveTimeZone(name).ok).toBe(false);
    },
  );

  it("may be any that Windows has", () => {
    const names = [...new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName))];
    expect(names.length).toBeGreaterThan(130);
    expect(names.filter((name) => !resolveTimeZone(name).ok)).toEqual([]);
  });
});

describe("an instant", () => {
  it("is read with offset and written as ARM and as records have it", () => {
    const at = parseInstant("2021-08-15T12:00:00.1234567+05:30");
    expect(at).toBe(Date.UTC(2021, 7, 15, 6, 30, 0, 123));
    expect(formatInstant(at ?? 0)).toBe("2021-08-15T06:30:00.1230000Z");
    expect(formatRecordInstant(at ?? 0)).toBe("2021-08-15T06:30:00.123Z");
  });

  it.each(["", "2021-08-15", "2021-08-15T06:30:00", "yesterday", "2021-02-30T00:00:00Z"])(
    "is not %j",
    (text) => {
      expect(parseInstant(text)).toBeUndefined();
    },
  );
});
