import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayBecome, protectionStates } from "../../src/domain/backup-instance.ts";
import { fault } from "../../src/domain/fault.ts";
import { dayMs, hourMs } from "../../src/domain/instant.ts";
import { nextValidationAt, withValidation } from "../../src/domain/validation.ts";
import { instanceRef, sampleInstance, vaultRef } from "../support/records.ts";

const noon = Date.parse("2026-11-21T12:00:00Z");
const configured = { protectionState: "ProtectionConfigured" } as const;
const broken = { protectionState: "ProtectionError" } as const;
const refs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...vaultRef, instanceName: `pg1-db${n}` }));

describe("an instance is validated", () => {
  test("once a day at the same time of day, whenever that is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.string({ minLength: 1 }), (after, name) => {
        const ref = { ...vaultRef, instanceName: name };
        const next = nextValidationAt(ref, configured, after);
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(dayMs);
        expect(nextValidationAt(ref, configured, next - 1)).toBe(next);
        expect(nextValidationAt(ref, configured, next)).toBe(next + dayMs);
      }),
    );
  });

  test("once an hour while something is wrong, the daily instant being one of those", () => {
    const daily = nextValidationAt(instanceRef, configured, noon);
    const hourly = nextValidationAt(instanceRef, broken, noon);
    expect(hourly - noon).toBeLessThanOrEqual(hourMs);
    expect((daily - hourly) % hourMs).toBe(0);
  });

  test("at the same instant however its name is written", () => {
    const shouted = { ...instanceRef, instanceName: instanceRef.instanceName.toUpperCase() };
    expect(nextValidationAt(shouted, configured, noon)).toBe(
      nextValidationAt(instanceRef, configured, noon),
    );
  });

  test("at a time of its own: instances with names alike spread over the whole day", () => {
    const perHour = new Map<number, number>();
    for (const ref of refs(2_400)) {
      const hour = Math.floor((nextValidationAt(ref, configured, noon) % dayMs) / hourMs);
      perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
    }
    expect(perHour.size).toBe(24);
    expect(Math.max(...perHour.values())).toBeLessThan(200);
    expect(Math.min(...perHour.values())).toBeGreaterThan(40);
  });
});

describe("what a validation found", () => {
  const problem = fault("UserErrorInvalidSecret", { secret: "s" });
  const other = fault("UserErrorInvalidSecret", { secret: "t" });

  test("makes a protected instance ProtectionError, with the finding", () => {
    expect(withValidation(sampleInstance(configured), problem)).toMatchObject({
      ...broken,
      protectionError: problem,
    });
  });

  test("takes the place of what was found before", () => {
    const before = sampleInstance({ ...broken, protectionError: problem });
    expect(withValidation(before, other)).toMatchObject({ ...broken, protectionError: other });
    expect(withValidation(before, problem)).toBeUndefined();
  });

  test("if nothing, mends it and leaves no error behind", () => {
    const before = sampleInstance({ ...broken, protectionError: problem });
    expect(withValidation(before, undefined)).toEqual(sampleInstance(configured));
    expect(withValidation(sampleInstance(configured), undefined)).toBeUndefined();
  });

  test.each(protectionStates)("keeps to the table of legal moves from %s", (protectionState) => {
    for (const found of [problem, undefined]) {
      const after = withValidation(sampleInstance({ protectionState }), found);
      expect(mayBecome(protectionState, after?.protectionState ?? protectionState)).toBe(true);
      const isTouched = ["ProtectionConfigured", "ProtectionError"].includes(protectionState);
      if (!isTouched) expect(after).toBeUndefined();
    }
  });
});
