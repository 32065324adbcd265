import { Temporal } from "temporal-polyfill";
import { findIana, WINDOWS_TO_IANA_MAP } from "windows-iana";
import { failed, ok, type Result } from "../result.ts";

/** An IANA time zone name that the runtime's time zone data knows, such as `Asia/Kolkata`. */
export type IanaName = string;

/**
 * Windows names (what Azure's portal and PowerShell send), IANA names and `UTC`, without regard to
 * case. Fixed offsets such as `+05:30` are no time zone names to Azure and are refused.
 * The error is the expectation, to be put behind the value.
 */
export function resolveTimeZone(name: string): Result<IanaName, string> {
  const wanted = name.trim();
  if (/^(utc|z|coordinated universal time)$/i.test(wanted)) return ok("UTC");
  const windowsName = windowsNames.get(wanted.toLowerCase());
  const iana = windowsName === undefined ? wanted : findIana(windowsName)[0];
  const known = iana === undefined ? undefined : knownName(iana);
  return known === undefined ? failed(timeZoneExpectation) : ok(known);
}

export const timeZoneExpectation =
  "a Windows time zone name such as 'India Standard Time', an IANA name such as 'Asia/Kolkata', or UTC";

const windowsNames: ReadonlyMap<string, string> = new Map(
  WINDOWS_TO_IANA_MAP.map(({ windowsName }) => [windowsName.toLowerCase(), windowsName]),
);

/** The name in its proper case, if time zone data has it. */
function knownName(name: string): IanaName | undefined {
  if (/^[+-]\d|^$/.test(name)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return undefined;
  }
}
