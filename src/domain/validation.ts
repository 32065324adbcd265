import { acceptsBackup, type BackupInstance } from "./backup-instance.ts";
import type { Fault } from "./fault.ts";
import { guidOf } from "./guid.ts";
import { dayMs, hourMs, type Instant } from "./instant.ts";
import { type InstanceRef, instanceKey } from "./resource-id.ts";

/** Whether an instance is validated again day by day: as long as backups are taken of it. */
export const isWatched = ({ protectionState }: Pick<BackupInstance, "protectionState">): boolean =>
  acceptsBackup(protectionState);

/**
 * When an instance is validated next, after `after`: once a day, at a time of day that derives from
 * its name, so that many instances are spread over the day; once an hour while something is wrong,
 * so that what is mended is seen to be. Asking twice gives the same instant.
 */
export function nextValidationAt(
  ref: InstanceRef,
  { protectionState }: Pick<BackupInstance, "protectionState">,
  after: Instant,
): Instant {
  const everyMs = protectionState === "ProtectionError" ? hourMs : dayMs;
  const offsetMs = placeInDay(ref) % everyMs;
  return offsetMs + (Math.floor((after - offsetMs) / everyMs) + 1) * everyMs;
}

const placeInDay = (ref: InstanceRef): number =>
  Number(BigInt(`0x${guidOf(instanceKey(ref)).replaceAll("-", "")}`) % BigInt(dayMs));

/**
 * The instance after a validation that found `fault` or nothing; undefined when that says nothing
 * new or the instance is in a state that validations do not touch.
 */
export function withValidation(
  instance: BackupInstance,
  fault: Fault | undefined,
): BackupInstance | undefined {
  const { protectionError, ...rest } = instance;
  switch (instance.protectionState) {
    case "ProtectionConfigured":
      return fault && { ...rest, protectionState: "ProtectionError", protectionError: fault };
    case "ProtectionError":
      if (fault === undefined) return { ...rest, protectionState: "ProtectionConfigured" };
      return sameFault(fault, protectionError) ? undefined : { ...rest, protectionError: fault };
    default:
      return undefined;
  }
}

const sameFault = (one: Fault, other: Fault | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
