import { describe, expect, test } from "vitest";
import { parseApiVersion } from "../../src/contract/api-version.ts";
import { presentError } from "../../src/contract/error-body.ts";
import { wireDuration, wireInstant } from "../../src/contract/instants.ts";
import { pairedRegionOf } from "../../src/contract/paired-regions.ts";
import { parseRecoveryPointFilter } from "../../src/contract/recovery-point-filter.ts";
import { fault } from "../../src/domain/fault.ts";
import { readArmExample } from "./arm-example.ts";

describe("api-version", () => {
  test.each(["2021-07-01", "2025-07-01", "2026-04-01-preview", "2024-02-29"])(
    "%s is served",
    (version) => {
      expect(parseApiVersion(version)).toEqual({ ok: true, value: version });
    },
  );

  test.each([
    [undefined, "MissingApiVersionParameter"],
    ["", "MissingApiVersionParameter"],
    ["2020-12-31", "InvalidApiVersionParameter"],
    ["2025-02-29", "InvalidApiVersionParameter"],
    ["2025-13-01", "InvalidApiVersionParameter"],
    ["2025-07-01-beta", "InvalidApiVersionParameter"],
    ["latest", "InvalidApiVersionParameter"],
  ])("%s is refused as %s", (version, code) => {
    expect(parseApiVersion(version)).toMatchObject({ ok: false, error: { code } });
  });
});

describe("$filter of recovery points", () => {
  test.each([
    ["", {}],
    [undefined, {}],
    [
      "startDate eq '2023-06-27T09:38:42.1234560Z' and endDate eq '2023-06-28T00:00:00Z'",
      { from: "2023-06-27T09:38:42.123Z", to: "2023-06-28T00:00:00.000Z" },
    ],
    ["STARTDATE eq '2023-06-27T11:38:42+02:00'", { from: "2023-06-27T09:38:42.000Z" }],
    ["isVisible eq true", {}],
  ])("%s", (text, expected) => {
    expect(parseRecoveryPointFilter(text)).toEqual({ ok: true, value: expected });
  });

  test.each(["startDate gt '2023-06-27T09:38:42Z'", "startDate eq 'yesterday'", "x", "a and b"])(
    "%s is refused",
    (text) => {
      expect(parseRecoveryPointFilter(text)).toMatchObject({
        ok: false,
        error: { code: "BMSUserErrorInvalidInput" },
      });
    },
  );
});

test("an error body has the members of the recorded one, in its order, and the next step", () => {
  const recorded = readArmExample("rec-error-backup-instance-not-found").response!.body as {
    error: Record<string, unknown>;
  };
  const body = presentError(fault("UserErrorGenericResourceNotFound", { resource: "x" }));
  const error = body["error"] as Record<string, unknown>;
  const shared = Object.keys(recorded.error).filter((name) => name !== "innerError");
  expect(Object.keys(error).slice(0, shared.length)).toEqual(shared);
  expect(error["code"]).toBe(recorded.error["code"]);
  expect(JSON.stringify(error["additionalInfo"])).toContain("Check the name");
});

test("durations and instants are written as .NET writes them", () => {
  const start = "2023-06-27T09:38:42.939Z";
  expect(wireInstant(start)).toBe("2023-06-27T09:38:42.9390000Z");
  expect(wireDuration(start, undefined)).toBe("PT0S");
  expect(wireDuration(start, "2023-06-27T09:40:17.011Z")).toBe("PT1M34.0720000S");
  expect(wireDuration(start, "2023-06-27T12:38:42.939Z")).toBe("PT3H0M0.0000000S");
  expect(wireDuration(start, "2023-06-27T09:38:43.000Z")).toBe("PT0.0610000S");
});

test("regions pair both ways", () => {
  expect(pairedRegionOf("CentralUSEUAP")).toBe("eastus2euap");
  expect(pairedRegionOf("West Europe")).toBe("northeurope");
  expect(pairedRegionOf("local")).toBeUndefined();
});
