import { afterAll, describe, expect, test } from "vitest";
import { FaultError, fault } from "../../src/domain/fault.ts";
import type { InstanceRef } from "../../src/domain/resource-id.ts";
import { instanceName, seedSample } from "../triggers/http/sample-requests.ts";
import { createTestApi, type TestApi, vaultId } from "../triggers/http/test-api.ts";
import {
  type Exchange,
  type JsonRecord,
  type JsonValue,
  readArmExample,
  textOf,
} from "./arm-example.ts";
import { createComparison } from "./compare-answers.ts";
import { intendedShapes } from "./intended-shapes.ts";
import { endOperation, instanceIn, pathOf, protectedApi, vaultIn } from "./recorded-api.ts";
import {
  ossVault,
  recordedInstanceBody,
  recordedJob,
  recordedPoint,
  seedVault,
} from "./recorded-state.ts";

const comparison = createComparison(intendedShapes);
const { expectSame, expectSameShape } = comparison;

describe("examples of the specification, compared in shape", () => {
  test("spec-jobs-list", async () => {
    const expected = readArmExample("spec-jobs-list").response!;
    const items = (expected.body as JsonRecord)["value"] as JsonRecord[];
    const api = await withJobs(items);
    const answer = await api.send("GET", `${jobVaultPath(items)}/backupJobs`);
    const byName = (item: { name: string }) => items.findIndex(({ name }) => name === item.name);
    answer.body.value.sort((a: never, b: never) => byName(a) - byName(b));
    expectSameShape("spec-jobs-list", expected, answer);
    expect(answer.body.value.map(({ name }: JsonRecord) => name)).toEqual(
      items.map(({ name }) => name),
    );
  });

  test("spec-job-get-scheduled", async () => {
    const expected = readArmExample("spec-job-get-scheduled").response!;
    const item = expected.body as JsonRecord;
    const api = await withJobs([item]);
    const path = `${jobVaultPath([item])}/backupJobs/${textOf(item["name"])}`;
    expectSameShape("spec-job-get-scheduled", expected, await api.send("GET", path));
  });

  test("spec-policy-list: its policy is taken and answered as it is there", async () => {
    // The datasource type of the example is stale: the service never sends or takes it.
    const text = JSON.stringify(readArmExample("spec-policy-list").response);
    const current = text.replace('"OssDB"', '"Microsoft.DBforPostgreSQL/servers/databases"');
    const expected = JSON.parse(current) as Exchange["response"];
    const [policy] = (expected.body as JsonRecord)["value"] as JsonRecord[];
    const path = textOf(policy!["id"]);
    const api = createTestApi();
    await seedVault(api, vaultIn(path), "westus");
    const put = await api.send("PUT", path, { properties: policy!["properties"] });
    expect(put).toMatchObject({ status: 200, body: policy });
    const list = await api.send("GET", path.slice(0, path.lastIndexOf("/")));
    expectSame("spec-policy-list", expected, list);
  });

  test("spec-get-operation-result", async () => {
    const expected = readArmExample("spec-get-operation-result")["responses"] as Responses;
    const api = await protectedApi();
    const result = await startedResult(api);
    expectSame(
      "spec-get-operation-result",
      { ...expected["202"]!, status: 202 },
      await api.send("GET", result),
    );
    await endOperation(api, `${vaultId}/backupJobs/c60cb49-63e8-4b21-b9bd-26277b3fdfae`);
    expectSameShape(
      "spec-get-operation-result",
      { ...expected["200"]!, status: 200 },
      await api.send("GET", result),
    );
  });

  test("spec-get-operation-status-vault", async () => {
    const expected = readArmExample("spec-get-operation-status-vault").response!;
    const api = await sampleApi();
    const instance = `${vaultId}/backupInstances/${instanceName}`;
    const started = await api.send("POST", `${instance}/stopProtection`);
    await endOperation(api);
    const answer = await api.send("GET", started.headers["azure-asyncoperation"]!);
    expectSameShape("spec-get-operation-status-vault", expected, answer);
    expect(answer.body).toMatchObject({ status: "Succeeded" });
    expect(answer.body.id).toBe(`${vaultId}/operationStatus/${answer.body.name}`);
  });

  test.each(["stopProtection", "suspendBackups", "sync", "undelete"])(
    "spec-protection-actions: %s",
    async (action) => {
      const { request, responses } = readArmExample("spec-protection-actions")[action] as Action;
      const place = vaultIn(request.path);
      const instance = /(?:deletedB|b)ackupInstances\/([^/]+)/.exec(request.path)![1]!;
      const api = await protectedApi(place, instance);
      if (action === "undelete") await softDelete(api, { ...place, instanceName: instance });
      const answer = await api.send("POST", request.path, request.body ?? undefined);
      expectSame("spec-protection-actions", { ...responses["202"]!, status: 202 }, answer);
      await endOperation(api);
      const result = await api.send("GET", answer.headers["location"]!);
      expect(result).toMatchObject({
        status: 200,
        body: { objectType: "OperationJobExtendedInfo" },
      });
    },
  );

  test("spec-trigger-rehydrate: seven days are refused, as az does, ten are taken", async () => {
    const example = readArmExample("spec-trigger-rehydrate");
    const { path, body } = example.request!;
    const responses = example["responses"] as Responses;
    const place = { ...vaultIn(path), instanceName: instanceIn(path) };
    const api = await protectedApi(vaultIn(path), place.instanceName);
    const point = { ...body, recoveryPointId: recordedPoint.id };
    const expected = { ...responses["202"]!, status: 202 };
    const refused = await api.send("POST", path, point);
    expectSame("spec-trigger-rehydrate, 7D", expected, refused);
    expect(refused.body.error).toMatchObject({ code: "BMSUserErrorInvalidInput" });
    const tenDays = { ...point, rehydrationRetentionDuration: "10D" };
    expectSame("spec-trigger-rehydrate", { status: 204 }, await api.send("POST", path, tenDays));
    await api.catalog.recoveryPoints.upsert(place, {
      ...recordedPoint,
      stores: [{ ...recordedPoint.stores[0]!, type: "ArchiveStore" }],
    });
    expectSame("spec-trigger-rehydrate", expected, await api.send("POST", path, tenDays));
  });

  test("rec-error-gateway-timeout: what answers when the storage does not", async () => {
    const expected = readArmExample("rec-error-gateway-timeout").response!;
    const api = createTestApi();
    api.catalog.vaults.get = () =>
      Promise.reject(new FaultError(fault("StorageUnavailable", { detail: "no answer" })));
    const answer = await api.send("GET", vaultId);
    expectSameShape("rec-error-gateway-timeout", expected, answer);
    expect(answer.body.error.code).toBe("StorageUnavailable");
  });
});

afterAll(() => comparison.expectAllUsed());

type Responses = Record<string, { headers?: Record<string, string>; body?: JsonValue }>;
interface Action {
  readonly request: { readonly path: string; readonly body: JsonRecord | null };
  readonly responses: Responses;
}

const jobVaultPath = (items: readonly JsonRecord[]): string =>
  pathOf(vaultIn(textOf(items[0]!["id"]).replace("Backupvaults", "backupVaults")));

async function withJobs(items: readonly JsonRecord[]): Promise<TestApi> {
  const api = createTestApi();
  const place = vaultIn(jobVaultPath(items));
  await seedVault(api, place, "centraluseuap");
  for (const item of items) await api.catalog.jobs.create(recordedJob(item, place));
  return api;
}

/** Where the result of a backup that has just begun will be. */
async function startedResult(api: TestApi): Promise<string> {
  const { path } = recordedInstanceBody(ossVault);
  const body = { backupRuleOptions: { ruleName: "BackupWeekly", triggerOption: {} } };
  const answer = await api.send("POST", `${path}/backup`, body);
  return textOf(answer.headers["location"]);
}

async function softDelete(api: TestApi, ref: InstanceRef): Promise<void> {
  const { value, etag } = (await api.catalog.instances.get(ref))!;
  const deletion = {
    deletedAt: "2026-11-21T10:00:00.000Z",
    scheduledPurgeAt: "2026-12-05T10:00:00.000Z",
    activityId: "a",
    stateBefore: value.protectionState,
  };
  await api.catalog.instances.replace({ ...value, protectionState: "SoftDeleted", deletion }, etag);
}

async function sampleApi(): Promise<TestApi> {
  const api = createTestApi();
  await seedSample(api);
  return api;
}
