import { describe, expect, test } from "vitest";
import { type JsonRecord, readArmExample } from "../../contract/arm-example.ts";
import { instanceBody, instanceId, policyBody, seedSample } from "./sample-requests.ts";
import { createTestApi, type TestApi, tokens, vaultBody, vaultId } from "./test-api.ts";

const guardId = vaultId
  .replace("/rg/", "/security/")
  .replace("backupVaults/vault1", "resourceGuards/guard1");
const proxyId = `${vaultId}/backupResourceGuardProxies/DppResourceGuardProxy`;
const approvedBy = (token: string) => ({
  headers: { "x-ms-authorization-auxiliary": `Bearer ${token}` },
});

/** Every critical operation of a guarded vault, and what it must name. */
const critical: readonly (readonly [string, string, string, string, object | undefined])[] = [
  [
    "stopProtection",
    "POST",
    `${instanceId}/stopProtection`,
    "dppDisableStopProtectionRequests",
    {},
  ],
  [
    "suspendBackups",
    "POST",
    `${instanceId}/suspendBackups`,
    "dppDisableSuspendBackupsRequests",
    {},
  ],
  ["delete instance", "DELETE", instanceId, "", undefined],
  ["change policy", "PUT", instanceId, "", withPolicy("second")],
  [
    "shorten a policy",
    "PUT",
    `${vaultId}/backupPolicies/osspolicy`,
    "",
    JSON.parse(JSON.stringify(policyBody).replace("P3M", "P1M")) as object,
  ],
  [
    "soft delete off",
    "PATCH",
    vaultId,
    "",
    { properties: { securitySettings: { softDeleteSettings: { state: "Off" } } } },
  ],
  ["soft delete off by PUT", "PUT", vaultId, "", vaultBody],
  ["remove the proxy", "DELETE", proxyId, "", undefined],
  [
    "move the proxy",
    "PUT",
    proxyId,
    "",
    { properties: { resourceGuardResourceId: `${guardId}2` } },
  ],
];

describe("a guarded vault", () => {
  test.each(critical)("%s needs a second person", async (_what, method, path, kind, body) => {
    const api = await guardedApi();
    const refused = async (options: object, sent = body) => {
      const answer = await api.send(method, path, sent, options);
      expect(answer, JSON.stringify(answer.body)).toMatchObject({
        status: 403,
        body: { error: { code: "UserErrorResourceGuardApprovalMissing" } },
      });
    };
    await refused({});
    await refused(approvedBy(tokens.contributor));
    await refused(approvedBy(tokens.operator));
    expect(await api.send(method, path, body, approvedBy("stranger"))).toMatchObject({
      status: 401,
    });
    if (kind !== "") {
      const wrong = {
        resourceGuardOperationRequests: [`${guardId}/deleteBackupInstanceRequests/default`],
      };
      await refused(approvedBy(tokens.approver), wrong);
      Object.assign(body!, {
        resourceGuardOperationRequests: [`${guardId}/${kind}/default`.toLowerCase()],
      });
    }
    const answer = await api.send(method, path, body, approvedBy(tokens.approver));
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  });

  test("a deletion that was unlocked by the second person needs no more for ten minutes", async () => {
    const api = await guardedApi();
    const body = {
      resourceToBeDeleted: instanceId,
      resourceGuardOperationRequests: [`${guardId}/deleteBackupInstanceRequests/default`],
    };
    const unlock = (options: object) => api.send("POST", `${proxyId}/unlockDelete`, body, options);
    expect(await unlock({})).toMatchObject({ status: 403 });
    expect(await unlock(approvedBy(tokens.approver))).toMatchObject({
      status: 200,
      body: { unlockDeleteExpiryTime: "2026-11-21T10:10:00.0000000Z" },
    });
    expect(await api.send("DELETE", proxyId)).toMatchObject({ status: 403 });
    api.clock.advance(9 * 60_000);
    expect(await api.send("DELETE", instanceId)).toMatchObject({ status: 202 });
    api.clock.advance(2 * 60_000);
    expect(await api.send("DELETE", instanceId)).toMatchObject({ status: 403 });
  });

  test("what protects better, and what is not critical, needs nobody else", async () => {
    const api = await guardedApi();
    const stronger = {
      properties: {
        securitySettings: {
          softDeleteSettings: { state: "AlwaysOn", retentionDurationInDays: 30 },
        },
      },
    };
    expect(await api.send("PATCH", vaultId, stronger)).toMatchObject({ status: 202 });
    const longer = JSON.parse(JSON.stringify(policyBody).replace("P3M", "P6M"));
    expect(await api.send("PUT", `${vaultId}/backupPolicies/osspolicy`, longer)).toMatchObject({
      status: 200,
    });
    expect((await api.send("GET", vaultId)).body.properties.isVaultProtectedByResourceGuard).toBe(
      true,
    );
  });

  test("an excluded operation needs no approval, taking the guard away always does", async () => {
    const api = await guardedApi();
    const every = (await api.send("GET", guardId)).body.properties.resourceGuardOperations.map(
      ({ vaultCriticalOperation }: { vaultCriticalOperation: string }) => vaultCriticalOperation,
    );
    const excluding = {
      location: "westeurope",
      properties: { vaultCriticalOperationExclusionList: every },
    };
    expect(await api.send("PUT", guardId, excluding)).toMatchObject({ status: 200 });
    expect(await api.send("POST", `${instanceId}/stopProtection`)).toMatchObject({ status: 202 });
    expect(await api.send("DELETE", proxyId)).toMatchObject({ status: 403 });
  });

  test("deleting the guard does not open the vault", async () => {
    const api = await guardedApi();
    expect(await api.send("DELETE", guardId)).toMatchObject({ status: 200, body: undefined });
    const answer = await api.send(
      "POST",
      `${instanceId}/stopProtection`,
      {},
      approvedBy(tokens.approver),
    );
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.body.error.message).toContain("no longer exists");
  });

  test("the proxy answers as specified, with the guard's operations and their requests", async () => {
    const api = await guardedApi();
    const { body } = await api.send("GET", proxyId);
    const example = (readArmExample("spec-resource-guard-proxy")["get"] as JsonRecord)[
      "body"
    ] as JsonRecord;
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(example).toSorted());
    expect(Object.keys(body.properties).toSorted()).toEqual(
      Object.keys(example["properties"]!).toSorted(),
    );
    expect(body.properties.resourceGuardOperationDetails).toContainEqual({
      defaultResourceRequest: `${guardId}/deleteBackupInstanceRequests/default`,
      vaultCriticalOperation: "Microsoft.DataProtection/backupVaults/backupInstances/delete",
    });
    expect((await api.send("GET", `${vaultId}/backupResourceGuardProxies`)).body.value).toEqual([
      body,
    ]);
    const request = `${guardId}/deleteBackupInstanceRequests`;
    expect((await api.send("GET", `${request}/default`)).body).toMatchObject({
      id: `${request}/default`,
      name: "default",
    });
    expect((await api.send("GET", request)).body.value).toHaveLength(1);
    expect(await api.send("GET", `${guardId}/nonsenseRequests`)).toMatchObject({ status: 404 });
  });

  test("a PUT of the vault does not lose its guard", async () => {
    const api = await guardedApi();
    const strong = { ...vaultBody, properties: { ...vaultBody.properties, securitySettings: {} } };
    expect(await api.send("PUT", vaultId, strong)).toMatchObject({ status: 200 });
    expect(await api.send("POST", `${instanceId}/stopProtection`)).toMatchObject({ status: 403 });
  });
});

async function guardedApi(): Promise<TestApi> {
  const api = createTestApi();
  await seedSample(api, { softDeleteSettings: { state: "On", retentionDurationInDays: 14 } });
  await api.send("PUT", `${vaultId}/backupPolicies/second`, policyBody);
  const guard = { location: "westeurope", properties: { description: "d" } };
  expect(await api.send("PUT", guardId, guard)).toMatchObject({ status: 201 });
  expect(await api.send("PUT", `${guardId}2`, guard)).toMatchObject({ status: 201 });
  const proxy = {
    properties: { resourceGuardResourceId: guardId, description: "Take JIT access" },
  };
  expect(await api.send("PUT", proxyId, proxy)).toMatchObject({ status: 200 });
  return api;
}

function withPolicy(name: string): object {
  const body = instanceBody();
  Object.assign(body["properties"]!, {
    policyInfo: { policyId: `${vaultId}/backupPolicies/${name}` },
  });
  return body;
}
