import { SettingsError } from "../json-file.ts";

/** Minutes east of UTC vary over the year: a zone tells the offset in force at an instant. */
export interface TimeZone {
  readonly name: string;
  offsetMsAt(epochMs: number): number;
}

/** The zone of the process (`TZ`, else the machine's), as the real host uses it. */
export const systemTimeZone: TimeZone = {
  name: "the system's time zone",
  offsetMsAt: (epochMs) => -new Date(epochMs).getTimezoneOffset() * 60_000,
};

/** A zone of the IANA database such as `Europe/Berlin`; throws a RangeError for an unknown name. */
export function createTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return {
    name,
    offsetMsAt(epochMs) {
      const wholeMs = Math.floor(epochMs / 1000) * 1000;
      const parts: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(wholeMs)) parts[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
      return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
    },
  };
}

/** `WEBSITE_TIME_ZONE`, an IANA name as on Linux in Azure, else the process's zone. */
export function appTimeZone(setting: string | undefined): TimeZone {
  if (setting === undefined || setting === "") return systemTimeZone;
  try {
    return createTimeZone(setting);
  } catch (cause) {
    throw new SettingsError(
      `Setting "WEBSITE_TIME_ZONE" is "${setting}", but must be a name of the IANA database such as "Europe/Berlin".`,
      { cause },
    );
  }
}
