const TIME_SPAN =
  /^(?<sign>-)?(?:(?<days>\d{1,6})\.)?(?<hours>\d{1,2}):(?<minutes>\d{1,2})(?::(?<seconds>\d{1,2})(?:\.(?<fraction>\d{1,7}))?)?$/;

/** Milliseconds of a .NET TimeSpan, `[-][d.]hh:mm[:ss[.fffffff]]`; undefined if it is not one. */
export function parseTimeSpanMs(text: string): number | undefined {
  const groups = TIME_SPAN.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string): number => Number(groups[name] ?? 0);
  if (part("hours") > 23 || part("minutes") > 59 || part("seconds") > 59) return undefined;
  const fractionMs = Number(`0.${groups["fraction"] ?? "0"}`) * 1000;
  const hours = part("days") * 24 + part("hours");
  const totalMs = ((hours * 60 + part("minutes")) * 60 + part("seconds")) * 1000 + fractionMs;
  return groups["sign"] === undefined ? totalMs : -totalMs;
}
