import { describe, expect, test } from "vitest";
import { tokens, vault } from "../../triggers/http/test-api.ts";
import { certificate, withHttpsApi } from "./https-api.ts";
import { loadSdk, openSdk } from "./open-sdk.ts";
import { walkThrough } from "./walk-through.ts";

const sdk = await loadSdk();

const because =
  sdk === undefined ? " (not run: the registry of this installation does not carry it)" : "";

describe("the walk-through with the Azure SDK for JavaScript", () => {
  test(`from vault to restore through @azure/arm-dataprotection${because}`, async ({ skip }) => {
    if (sdk === undefined) {
      return skip(
        "The optional dependency @azure/arm-dataprotection is not installed. client.test.ts runs the same walk-through with the typed client.",
      );
    }
    await withHttpsApi(async ({ endpoint, api, seen }) => {
      const azure = openSdk(sdk, {
        endpoint,
        subscriptionId: vault.subscriptionId,
        token: tokens.contributor,
        certificate,
      });
      await walkThrough(azure, api);
      expect(seen.filter(({ status }) => status >= 300)).toEqual([]);
    });
  });
});
