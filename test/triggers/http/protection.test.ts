import { describe, expect, test } from "vitest";
import { recordedPoint } from "../../contract/recorded-state.ts";
import {
  datasourceId,
  instanceBody,
  instanceId,
  instanceName,
  policyBody,
  seedSample,
  setState,
} from "./sample-requests.ts";
import { type Answer, createTestApi, type TestApi, vault, vaultBody, vaultId } from "./test-api.ts";

describe("protecting a database", () => {
  test("the second instance for the same database is refused and names the first", async () => {
    const api = createTestApi();
    await seedSample(api);
    const body = JSON.parse(JSON.stringify(instanceBody()).replaceAll('postgres"', 'POSTGRES"'));
    const answer = await api.send("PUT", `${vaultId}/backupInstances/other`, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorDppDatasourceAlreadyProtected" } },
    });
    expect(answer.body.error.message).toContain(instanceId);
    expect(await api.send("GET", `${vaultId}/backupInstances/other`)).toMatchObject({
      status: 404,
    });
  });

  test("an absent policy, a policy elsewhere and one for another type are refused", async () => {
    const api = createTestApi();
    await api.send("PUT", vaultId, vaultBody);
    const put = (policyId: string) => {
      const body = instanceBody();
      Object.assign(body["properties"]!, { policyInfo: { policyId } });
      return api.send("PUT", instanceId, body);
    };
    for (const policyId of [
      `${vaultId}/backupPolicies/no`,
      `${vaultId}2/backupPolicies/no`,
      "no",
    ]) {
      expect(await put(policyId)).toMatchObject({
        status: 400,
        body: { error: { code: "UserErrorPolicyNotFound" } },
      });
    }
    const text = JSON.stringify(policyBody).replaceAll("servers/databases", "flexibleServers");
    await api.send("PUT", `${vaultId}/backupPolicies/flex`, JSON.parse(text));
    expect(await put(`${vaultId}/backupPolicies/flex`)).toMatchObject({
      status: 400,
      body: { error: { code: "BMSUserErrorInvalidInput" } },
    });
    expect(api.started).toEqual([]);
  });

  test("a PUT that changes nothing is a plain 200; another policy plans anew without validation", async () => {
    const api = createTestApi();
    await seedSample(api);
    const same = await api.send("PUT", instanceId, instanceBody());
    expect(same.status).toBe(200);
    expect(same.headers).not.toHaveProperty("azure-asyncoperation");
    await api.send("PUT", `${vaultId}/backupPolicies/second`, policyBody);
    const moved = await api.send("PUT", instanceId, withPolicy("second"));
    expect(moved).toMatchObject({
      status: 200,
      body: {
        properties: {
          currentProtectionState: "ProtectionConfigured",
          provisioningState: "Updating",
        },
      },
    });
    expect(moved.headers["azure-asyncoperation"]).toContain("/operationStatus/");
    expect(api.started.at(-1)).toMatchObject({ name: "replanInstance" });
  });

  test("other credentials are validated before they protect", async () => {
    const api = createTestApi();
    await seedSample(api);
    const body = JSON.parse(JSON.stringify(instanceBody()).replace("oss-clitest-secret", "new"));
    expect(await api.send("PUT", instanceId, body)).toMatchObject({
      status: 200,
      body: { properties: { currentProtectionState: "ConfiguringProtection" } },
    });
    expect(api.started.at(-1)).toMatchObject({ name: "configureProtection" });
  });

  test.each([
    ["too long", "d".repeat(600)],
    ["not well-formed", "\ud800x"],
    ["with a control character", "a\u0000b"],
    ["with what a URL reads as its own", "a#b?c%d"],
  ])("a datasource id that is %s is refused, in body and path", async (_what, name) => {
    const api = createTestApi();
    await seedSample(api);
    const body = structuredClone(instanceBody()) as { properties: { dataSourceInfo: object } };
    const resourceID = datasourceId.replace("postgres", "x").replace(/x$/, name);
    Object.assign(body.properties.dataSourceInfo, { resourceID });
    expect(await api.send("PUT", `${vaultId}/backupInstances/odd`, body)).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidRequestContent" } },
    });
    const path = resourceID
      .split("/")
      .map((part) => encodeURIComponent(part.toWellFormed()))
      .join("/");
    const found = await api.send(
      "GET",
      `${path}/providers/Microsoft.DataProtection/backupInstances`,
    );
    expect([200, 404]).toContain(found.status);
    expect(found.body.value ?? []).toEqual([]);
  });

  test("a policy id whose name no policy can have is refused", async () => {
    const api = createTestApi();
    await seedSample(api);
    for (const name of ["p".repeat(600), "a#b", "\ud800"]) {
      const body = instanceBody();
      Object.assign(body["properties"]!, {
        policyInfo: { policyId: `${vaultId}/backupPolicies/${name}` },
      });
      expect(await api.send("PUT", `${vaultId}/backupInstances/odd`, body)).toMatchObject({
        status: 400,
        body: { error: { code: "UserErrorPolicyNotFound" } },
      });
    }
  });

  test("another datasource under the same name is refused", async () => {
    const api = createTestApi();
    await seedSample(api);
    const body = JSON.parse(
      JSON.stringify(instanceBody()).replaceAll("databases/postgres", "databases/x"),
    );
    expect(await api.send("PUT", instanceId, body)).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorNotSupported" } },
    });
  });

  test("a changed policy plans the backups of its instances anew", async () => {
    const api = createTestApi();
    await seedSample(api);
    const text = JSON.stringify(policyBody).replace("06:30", "07:30");
    await api.send("PUT", `${vaultId}/backupPolicies/osspolicy`, JSON.parse(text));
    expect(api.started.at(-1)).toMatchObject({
      name: "replanPolicy",
      input: { policyName: "osspolicy" },
    });
  });

  test("the instance of a datasource is found from the datasource", async () => {
    const api = createTestApi();
    await seedSample(api);
    const path = `${datasourceId}/providers/Microsoft.DataProtection/backupInstances`;
    const { body } = await api.send("GET", path.toUpperCase());
    expect(body.value.map(({ id }: { id: string }) => id)).toEqual([instanceId]);
    expect((await api.send("GET", path.replace("/postgres/", "/no/"))).body).toEqual({ value: [] });
  });
});

describe("backing up on demand", () => {
  test("a suspended instance and one with a running job are refused", async () => {
    const api = createTestApi();
    await seedSample(api);
    const backup = () =>
      api.send("POST", `${instanceId}/backup`, { backupRuleOptions: { ruleName: "BackupWeekly" } });
    expect(await backup()).toMatchObject({ status: 202 });
    await api.catalog.jobs.create(runningJob);
    expect(await backup()).toMatchObject({
      status: 409,
      body: { error: { code: "UserErrorMaxConcurrentOperationLimitReached" } },
    });
    await api.catalog.jobs.change(vault, runningJob.id, {
      status: "Failed",
      endedAt: "2026-11-21T10:01:00.000Z",
    });
    expect(await backup()).toMatchObject({ status: 202 });
    await setState(api, "BackupSchedulesSuspended");
    expect(await backup()).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorInstanceNotProtected" } },
    });
  });

  test("a workflow that cannot be started fails its operation and the request", async () => {
    const api = createTestApi();
    await seedSample(api);
    let operationId = "";
    const broken = {
      ...api.workflows,
      start: async (_name: string, _id: string, input: Record<string, unknown>) => {
        operationId = input["operationId"] as string;
        throw new Error("engine is down");
      },
    };
    const answer = await api.api(
      {
        method: "POST",
        url: `https://h${instanceId}/sync?api-version=2025-07-01`,
        headers: new Headers({ authorization: "Bearer contributor-token" }),
      },
      broken as TestApi["workflows"],
    );
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("engine is down");
    expect(await api.catalog.operations.get(operationId)).toMatchObject({ status: "Failed" });
  });
});

describe("stop, suspend, resume", () => {
  test.each([
    ["stopProtection", "ProtectionConfigured", "ProtectionStopped"],
    ["stopProtection", "BackupSchedulesSuspended", "ProtectionStopped"],
    ["suspendBackups", "ProtectionConfigured", "BackupSchedulesSuspended"],
    ["resumeBackups", "BackupSchedulesSuspended", "ProtectionConfigured"],
    ["resumeProtection", "ProtectionStopped", "ProtectionConfigured"],
  ] as const)("%s from %s goes to %s", async (action, from, to) => {
    const api = createTestApi();
    await seedSample(api);
    await setState(api, from);
    expectAccepted(await api.send("POST", `${instanceId}/${action}`));
    expect(api.started.at(-1)).toMatchObject({ name: "changeProtection", input: { state: to } });
  });

  test.each([
    ["suspendBackups", "ProtectionStopped"],
    ["resumeBackups", "ProtectionStopped"],
    ["resumeProtection", "ConfiguringProtectionFailed"],
    ["stopProtection", "ConfiguringProtectionFailed"],
  ] as const)("%s from %s is refused", async (action, from) => {
    const api = createTestApi();
    await seedSample(api);
    await setState(api, from);
    expect(await api.send("POST", `${instanceId}/${action}`)).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorInstanceNotProtected" } },
    });
  });

  test("asking for the state that it is in is no error, and its operation is done at once", async () => {
    const api = createTestApi();
    await seedSample(api);
    await setState(api, "ProtectionStopped");
    const answer = await api.send("POST", `${instanceId}/stopProtection`);
    expectAccepted(answer);
    const poll = await api.send("GET", answer.headers["azure-asyncoperation"]!);
    expect(poll.body.status).toBe("Succeeded");
    const result = await api.send("GET", answer.headers["location"]!);
    expect(result).toMatchObject({ status: 200, body: { objectType: "OperationJobExtendedInfo" } });
  });

  test("resumeProtection of what is protected answers an empty 200, as recorded", async () => {
    const api = createTestApi();
    await seedSample(api);
    const answer = await api.send("POST", `${instanceId}/resumeProtection`);
    expect(answer).toMatchObject({ status: 200, body: undefined });
  });

  test("a suspended instance is shown as the live service shows it", async () => {
    const api = createTestApi();
    await seedSample(api);
    await setState(api, "BackupSchedulesSuspended");
    const { body } = await api.send("GET", instanceId);
    expect(body.properties.currentProtectionState).toBe("BackupsSuspended");
  });

  test("sync configures anew what failed and plans anew what did not", async () => {
    const api = createTestApi();
    await seedSample(api);
    expectAccepted(await api.send("POST", `${instanceId}/sync`, { syncType: "default" }));
    expect(api.started.at(-1)?.name).toBe("replanInstance");
    await setState(api, "ConfiguringProtectionFailed");
    expectAccepted(await api.send("POST", `${instanceId}/sync`, { syncType: "ForceResync" }));
    expect(api.started.at(-1)?.name).toBe("configureProtection");
  });
});

describe("deleted and brought back", () => {
  test("a deleted instance is 404, listed as deleted, and comes back stopped", async () => {
    const api = createTestApi();
    await seedSample(api);
    expectAccepted(await api.send("DELETE", instanceId));
    expect(api.started.at(-1)).toMatchObject({ name: "deleteInstance" });
    await setState(api, "SoftDeleted");
    const deletedId = `${vaultId}/deletedBackupInstances/${instanceName}`;
    expect(await api.send("GET", instanceId)).toMatchObject({ status: 404 });
    expect(await api.send("DELETE", instanceId)).toMatchObject({ status: 204, body: undefined });
    expect((await api.send("GET", `${vaultId}/backupInstances`)).body.value).toEqual([]);
    const listed = (await api.send("GET", `${vaultId}/deletedBackupInstances`)).body.value;
    expect(listed).toMatchObject([
      {
        id: deletedId,
        properties: {
          objectType: "DeletedBackupInstance",
          protectionStatus: { status: "SoftDeleted" },
          deletionInfo: { scheduledPurgeTime: "2026-12-05T10:00:00.0000000Z" },
        },
      },
    ]);
    expect(await api.send("PUT", instanceId, instanceBody())).toMatchObject({ status: 400 });
    expectAccepted(await api.send("POST", `${deletedId}/undelete`));
    expect((await api.send("GET", instanceId)).body.properties).toMatchObject({
      currentProtectionState: "ProtectionStopped",
      protectionStatus: { status: "ProtectionStopped" },
    });
    expect(await api.send("POST", `${deletedId}/undelete`)).toMatchObject({ status: 404 });
  });

  test("resuming what is protected elsewhere meanwhile is refused", async () => {
    const api = createTestApi();
    await seedSample(api);
    await setState(api, "ProtectionStopped");
    const ref = { ...vault, instanceName };
    await api.catalog.instances.releaseDatasource(datasourceId, ref);
    await api.send("PUT", `${vaultId}/backupInstances/other`, instanceBody());
    expect(await api.send("POST", `${instanceId}/resumeProtection`)).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorDppDatasourceAlreadyProtected" } },
    });
  });
});

describe("restoring", () => {
  test("an unknown recovery point, an archived one and a point in time are refused by name", async () => {
    const api = createTestApi();
    await seedSample(api);
    await api.catalog.recoveryPoints.upsert(
      { ...vault, instanceName },
      {
        ...recordedPoint,
        id: "a".repeat(32),
        stores: [{ ...recordedPoint.stores[0]!, type: "ArchiveStore" }],
      },
    );
    const restore = (body: object) => api.send("POST", `${instanceId}/restore`, body);
    const codes = [];
    for (const body of [
      restoreBody({ recoveryPointId: "b".repeat(32) }),
      restoreBody({ recoveryPointId: "a".repeat(32) }),
      restoreBody({
        objectType: "AzureBackupRecoveryTimeBasedRestoreRequest",
        recoveryPointTime: "x",
      }),
      restoreBody({ sourceDataStoreType: "OperationalStore" }),
      restoreBody({ ...rehydrating, rehydrationRetentionDuration: "P9D" }),
    ]) {
      codes.push((await restore(body)).body.error.code);
    }
    expect(codes).toEqual([
      "UserErrorRecoveryPointNotFound",
      "UserErrorRecoveryPointArchived",
      "UserErrorNotSupported",
      "UserErrorNotSupported",
      "BMSUserErrorInvalidInput",
    ]);
    expectAccepted(await restore(restoreBody(rehydrating)));
    expect(api.started.at(-1)?.input).toMatchObject({
      spec: { rehydration: { priority: "High", retentionDays: 15 } },
    });
  });

  test("rehydration is for archived points; for others there is nothing to do", async () => {
    const api = createTestApi();
    await seedSample(api);
    const body = { recoveryPointId: recordedPoint.id, rehydrationRetentionDuration: "P10D" };
    expect(await api.send("POST", `${instanceId}/rehydrate`, body)).toMatchObject({ status: 204 });
  });

  test("verification of a recovery point is a job like any other", async () => {
    const api = createTestApi();
    await seedSample(api);
    const path = `${instanceId}/recoveryPoints/${recordedPoint.id}/verify`;
    expectAccepted(await api.send("POST", path));
    expect(api.started.at(-1)).toMatchObject({ name: "verifyRecoveryPoint" });
  });

  test("a whole flexible server is no target for a database", async () => {
    const api = createTestApi();
    await seedSample(api);
    const body = JSON.parse(
      JSON.stringify(restoreBody({})).replaceAll(
        /servers\/databases|servers\/s\/databases\/d/g,
        (text) => (text === "servers/databases" ? "flexibleServers" : "flexibleServers/s"),
      ),
    );
    const answer = await api.send("POST", `${instanceId}/restore`, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorNotSupported" } },
    });
    expect(answer.body.error.message).toContain("restore as files");
  });
});

const rehydrating = {
  objectType: "AzureBackupRestoreWithRehydrationRequest",
  recoveryPointId: "a".repeat(32),
  rehydrationPriority: "high",
  rehydrationRetentionDuration: "P15D",
};

const restoreBody = (overrides: object): object => ({
  objectType: "AzureBackupRecoveryPointBasedRestoreRequest",
  recoveryPointId: recordedPoint.id,
  sourceDataStoreType: "VaultStore",
  restoreTargetInfo: {
    objectType: "RestoreTargetInfo",
    recoveryOption: "FailIfExists",
    restoreLocation: "westeurope",
    datasourceInfo: {
      objectType: "Datasource",
      datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      resourceID:
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/servers/s/databases/d",
    },
  },
  ...overrides,
});

const runningJob = {
  id: "11111111-1111-1111-1111-111111111111",
  vault,
  instanceName,
  instanceId,
  friendlyName: "f",
  datasourceId,
  datasourceName: "postgres",
  datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
  datasourceLocation: "westeurope",
  policyId: "p",
  policyName: "p",
  category: "Backup",
  operation: "Backup",
  isUserTriggered: true,
  status: "InProgress",
  startedAt: "2026-11-21T09:59:00.000Z",
  activityId: "a",
  errors: [],
  subTasks: [],
  warnings: [],
  details: {},
  workflowId: "w",
} as const;

function withPolicy(name: string): object {
  const body = instanceBody();
  Object.assign(body["properties"]!, {
    policyInfo: { policyId: `${vaultId}/backupPolicies/${name}` },
  });
  return body;
}

function expectAccepted(answer: Answer): void {
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 202, body: undefined });
  expect(answer.headers["azure-asyncoperation"]).toMatch(/\/operationStatus\/[^?]+\?api-version=/);
  expect(answer.headers["location"]).toMatch(/\/operationResults\/[^?]+\?api-version=/);
}
