import { describe, expect, test } from "vitest";
import { instanceId, policyBody, seedSample } from "./sample-requests.ts";
import { createTestApi, tokens, vaultBody, vaultId } from "./test-api.ts";

const withSecurity = (securitySettings: object) => ({
  ...vaultBody,
  properties: { ...vaultBody.properties, securitySettings },
});

describe("a vault", () => {
  test("names compare without regard to case and are answered as created", async () => {
    const { send } = createTestApi();
    await send("PUT", vaultId, vaultBody);
    const { body } = await send("GET", vaultId.toUpperCase());
    expect(body.id).toBe(vaultId);
    expect((await send("PUT", vaultId.toLowerCase(), vaultBody)).status).toBe(200);
  });

  test("soft delete is on when nothing is said", async () => {
    const { send } = createTestApi();
    const { body } = await send("PUT", vaultId, { location: "x", properties: {} });
    expect(body.properties.securitySettings.softDeleteSettings).toEqual({
      state: "On",
      retentionDurationInDays: 14,
    });
  });

  test.each([
    [
      "immutability Locked",
      { immutabilitySettings: { state: "Locked" } },
      { immutabilitySettings: { state: "Unlocked" } },
    ],
    [
      "soft delete AlwaysOn",
      { softDeleteSettings: { state: "AlwaysOn", retentionDurationInDays: 30 } },
      { softDeleteSettings: { state: "On" } },
    ],
    [
      "soft delete days of AlwaysOn",
      { softDeleteSettings: { state: "alwayson", retentionDurationInDays: 30 } },
      { softDeleteSettings: { state: "AlwaysOn", retentionDurationInDays: 14 } },
    ],
  ])(
    "%s is never taken back, by PUT or PATCH, not even by leaving it out",
    async (_what, before, after) => {
      const { send } = createTestApi();
      expect((await send("PUT", vaultId, withSecurity(before))).status).toBe(201);
      for (const [method, body] of [
        ["PUT", withSecurity(after)],
        ["PATCH", { properties: { securitySettings: after } }],
      ] as const) {
        expect(await send(method, vaultId, body)).toMatchObject({
          status: 400,
          body: { error: { code: "UserErrorNotSupported" } },
        });
      }
      await send("PUT", vaultId, withSecurity({}));
      const { body } = await send("GET", vaultId);
      expect(body.properties.securitySettings).toMatchObject(before);
    },
  );

  test("PATCH merges section by section and its result is the vault", async () => {
    const { send } = createTestApi();
    await send("PUT", vaultId, { ...vaultBody, tags: { a: "1" } });
    const patch = {
      tags: { b: "2" },
      properties: { featureSettings: { crossSubscriptionRestoreSettings: { state: "Disabled" } } },
    };
    const answer = await send("PATCH", vaultId, patch);
    expect(answer.status).toBe(202);
    const result = await send("GET", answer.headers["location"]!);
    expect(result).toMatchObject({
      status: 200,
      body: { tags: { b: "2" }, properties: { ...patch.properties, ...vaultBody.properties } },
    });
    expect(result.body.tags).toEqual({ b: "2" });
  });

  test("redundancy is fixed and deletion refused while it holds something; then 202 and 204", async () => {
    const api = createTestApi();
    await seedSample(api);
    const geo = {
      ...vaultBody,
      properties: { storageSettings: [{ datastoreType: "VaultStore", type: "GeoRedundant" }] },
    };
    expect((await api.send("PUT", vaultId, geo)).status).toBe(400);
    const refused = await api.send("DELETE", vaultId);
    expect(refused.body.error).toMatchObject({ code: "UserErrorVaultNotEmpty" });
    expect(refused.body.error.message).toContain("shop");
    await api.catalog.instances.delete({ ...refOf(), instanceName: "shop" });
    expect((await api.send("DELETE", vaultId)).body.error.message).toContain("osspolicy");
    await api.send("DELETE", `${vaultId}/backupPolicies/osspolicy`);
    const deleted = await api.send("DELETE", vaultId);
    expect(deleted).toMatchObject({ status: 202, body: undefined });
    expect(deleted.headers["azure-asyncoperation"]).toMatch(
      /resourceGroups\/rg\/providers\/Microsoft.DataProtection\/locations\/westeurope\/operationStatus\//,
    );
    for (const header of ["azure-asyncoperation", "location"]) {
      expect((await api.send("GET", deleted.headers[header]!)).status).toBe(200);
    }
    expect((await api.send("DELETE", vaultId)).status).toBe(204);
  });

  test("an immutable vault keeps recovery points and refuses shorter retention", async () => {
    const api = createTestApi();
    await seedSample(api, { immutabilitySettings: { state: "Unlocked" } });
    expect(await api.send("DELETE", instanceId)).toMatchObject({
      status: 409,
      body: { error: { code: "UserErrorBlockedByImmutability" } },
    });
    const shorter = JSON.parse(JSON.stringify(policyBody).replace("P3M", "P1M"));
    const policyId = `${vaultId}/backupPolicies/osspolicy`;
    expect(await api.send("PUT", policyId, shorter)).toMatchObject({
      status: 409,
      body: { error: { code: "UserErrorBlockedByImmutability" } },
    });
    const longer = JSON.parse(JSON.stringify(policyBody).replace("P3M", "P6M"));
    expect((await api.send("PUT", policyId, longer)).status).toBe(200);
  });

  test("a name is free, taken or no name", async () => {
    const { send } = createTestApi();
    await send("PUT", vaultId, vaultBody);
    const path = vaultId.replace(
      "backupVaults/vault1",
      "locations/westeurope/checkNameAvailability",
    );
    const verdicts = [];
    for (const name of ["vault2", "VAULT1", "1-"]) {
      verdicts.push(
        (await send("POST", path, { name, type: "Microsoft.DataProtection/BackupVaults" })).body,
      );
    }
    expect(verdicts).toMatchObject([
      { nameAvailable: true },
      { nameAvailable: false, reason: "AlreadyExists" },
      { nameAvailable: false, reason: "Invalid" },
    ]);
  });
});

describe("lists", () => {
  test("pages follow nextLink to the end, stable while others come and go", async () => {
    const { send } = createTestApi({ pageSize: 3 });
    const names = Array.from({ length: 8 }, (_, index) => `vault-${index}`);
    const pathOf = (name: string) => vaultId.replace("vault1", name);
    for (const name of names) await send("PUT", pathOf(name), vaultBody);
    const seen: string[] = [];
    let next: string | undefined = pathOf("").slice(0, -1);
    for (let page = 0; next !== undefined; page += 1) {
      const { body }: { body: { value: { name: string }[]; nextLink?: string } } = await send(
        "GET",
        next,
      );
      seen.push(...body.value.map(({ name }) => name));
      next = body.nextLink;
      if (next !== undefined) expect(next).toMatch(/^https:\/\/pgvault\.test\/.*api-version=/);
      if (page === 0) {
        await send("DELETE", pathOf("vault-1"));
        await send("PUT", pathOf("vault-00"), vaultBody);
      }
    }
    expect(seen).toEqual(names);
  });

  test("one page has no nextLink; an empty list is an empty array", async () => {
    const { send } = createTestApi();
    await send("PUT", vaultId, vaultBody);
    for (const kind of [
      "backupInstances",
      "backupPolicies",
      "backupJobs",
      "deletedBackupInstances",
    ]) {
      expect((await send("GET", `${vaultId}/${kind}`)).body).toEqual({ value: [] });
    }
    expect(await send("GET", `${vaultId}/backupJobs?$skipToken=%25zz`)).toMatchObject({
      status: 400,
    });
  });
});

describe("the frame around every operation", () => {
  test("an unknown path is 404, a wrong method 405 naming the right ones", async () => {
    const { send } = createTestApi();
    expect(await send("GET", "/subscriptions/s/nothing")).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceNotFound" } },
    });
    const answer = await send("POST", vaultId, {});
    expect(answer).toMatchObject({ status: 405, body: { error: { code: "MethodNotAllowed" } } });
    expect(answer.body.error.additionalInfo[0].info.recommendedAction[0]).toContain("PUT, GET");
  });

  test("names and regions beyond ASCII travel in links, encoded", async () => {
    const { send } = createTestApi();
    const path = vaultId.replace("/rg/", `/${encodeURIComponent("gr-Łódź(1)")}/`);
    const created = await send("PUT", path, { ...vaultBody, location: "West Europe" });
    expect(created).toMatchObject({
      status: 201,
      body: { id: decodeURIComponent(path), location: "West Europe" },
    });
    const patched = await send("PATCH", path, { tags: { a: "ü" } });
    for (const link of [created.headers["azure-asyncoperation"]!, patched.headers["location"]!]) {
      expect(await send("GET", link)).toMatchObject({ status: 200 });
    }
    const deleted = await send("DELETE", path);
    expect(deleted.headers["location"]).toContain("/locations/West%20Europe/");
    expect(await send("GET", deleted.headers["location"]!)).toMatchObject({ status: 200 });
    expect(await send("PUT", path, { ...vaultBody, location: "Łódź" })).toMatchObject({
      status: 400,
    });
  });

  test("links use the configured base and the caller's api-version", async () => {
    const { send } = createTestApi({ publicBaseUrl: "https://backup.example.com/" });
    const answer = await send("PUT", `${vaultId}?API-VERSION=2026-04-01-preview`, vaultBody);
    expect(answer.headers["azure-asyncoperation"]).toMatch(
      /^https:\/\/backup\.example\.com\/subscriptions\/.*\?api-version=2026-04-01-preview$/,
    );
  });

  test("operations are polled on every equivalent route, by any api-version, for seven days", async () => {
    const { send, clock } = createTestApi();
    const created = await send("PUT", vaultId, vaultBody);
    const id = /operationStatus\/([^?]+)/.exec(created.headers["azure-asyncoperation"]!)![1]!;
    const group = vaultId.slice(0, vaultId.indexOf("/providers"));
    const subscription = group.slice(0, group.indexOf("/resourceGroups"));
    const provider = "/providers/Microsoft.DataProtection";
    const routes = [
      `${vaultId}/operationStatus/`,
      `${group}${provider}/operationStatus/`,
      `${group}${provider}/locations/westeurope/operationStatus/`,
      `${subscription}${provider}/locations/westeurope/operationStatus/`,
      `${subscription}${provider}/locations/westeurope/operationResults/`,
      `${group}${provider}/operationResults/`,
      `${vaultId}/operationResults/`,
    ];
    for (const route of routes) {
      for (const text of [id, encodeURIComponent(id)]) {
        const path = `${route}${text}?api-version=2023-01-01`;
        expect((await send("GET", path, undefined, { token: tokens.reader })).status, path).toBe(
          200,
        );
      }
    }
    expect((await send("GET", `${vaultId}2/operationStatus/${id}`)).status).toBe(404);
    clock.advance(8 * 86_400_000);
    expect((await send("GET", `${vaultId}/operationStatus/${id}`)).status).toBe(404);
  });
});

const refOf = () => ({
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "rg",
  vaultName: "vault1",
});

describe("generic updates, as az makes them", () => {
  test("what GET answered may be PUT back and changes nothing, read-only members and nulls included", async () => {
    const api = createTestApi();
    await seedSample(api);
    for (const path of [vaultId, `${vaultId}/backupPolicies/osspolicy`, instanceId]) {
      const before = (await api.send("GET", path)).body;
      const started = api.started.length;
      const answer = await api.send("PUT", path, before);
      expect(answer.status, path).toBe(200);
      expect(answer.body, path).toEqual(before);
      expect((await api.send("GET", path)).body, path).toEqual(before);
      if (path === instanceId) expect(api.started).toHaveLength(started);
    }
  });
});
