import { formatInstant, parseInstant } from "../domain/instant.ts";

/** .NET's `DateTime.MinValue`, which the service writes where an instant is not known yet. */
export const unknownInstant = "0001-01-01T00:00:00Z";

/** An instant of our records as ARM writes it: UTC, seven fractional digits. */
export function wireInstant(at: string): string {
  const instant = parseInstant(at);
  return instant === undefined ? at : formatInstant(instant);
}

/** Time between two instants of our records, `PT1M34.0730000S`; `PT0S` while there is no end. */
export function wireDuration(startedAt: string, endedAt: string | undefined): string {
  const start = parseInstant(startedAt);
  const end = endedAt === undefined ? undefined : parseInstant(endedAt);
  if (start === undefined || end === undefined || end <= start) return "PT0S";
  const totalMs = end - start;
  const hours = Math.floor(totalMs / 3_600_000);
  const minutes = Math.floor((totalMs % 3_600_000) / 60_000);
  const seconds = ((totalMs % 60_000) / 1000).toFixed(7);
  return `PT${hours > 0 ? `${hours}H` : ""}${hours > 0 || minutes > 0 ? `${minutes}M` : ""}${seconds}S`;
}
