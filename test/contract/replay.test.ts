import { afterAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/domain/job.ts";
import { jobResourceId } from "../../src/domain/resource-id.ts";
import { createTestApi, type TestApi } from "../triggers/http/test-api.ts";
import {
  type Exchange,
  exchangesOf,
  type JsonRecord,
  readArmExample,
  textOf,
} from "./arm-example.ts";
import { createComparison } from "./compare-answers.ts";
import { intendedDifferences } from "./intended-differences.ts";
import {
  endOperation,
  instanceIn,
  ossApi,
  pathOf,
  protectedApi,
  setState,
  vaultIn,
} from "./recorded-api.ts";
import {
  ossVault,
  recordedInstanceBody,
  recordedJob,
  recordedPoint,
  seedPolicy,
  seedVault,
} from "./recorded-state.ts";

const comparison = createComparison(intendedDifferences);
const { expectSame } = comparison;

describe("recorded traffic, sent to pgvault", () => {
  test("rec-vault-create-201", async () => {
    const api = createTestApi();
    await replay(api, "rec-vault-create-201");
    const { path, body } = exchangesOf("rec-vault-create-201")[0]!.request;
    const answer = await createTestApi().send("PUT", path, body);
    expect(answer.headers["azure-asyncoperation"]).toContain(
      "/cli-test-backup-vault/operationStatus/",
    );
    expect(JSON.parse(answer.headers["x-ms-arm-resource-system-data"]!)).toMatchObject({
      createdBy: "local contributor",
      createdAt: "2026-11-21T10:00:00.0000000Z",
    });
  });

  test("rec-vault-get", async () => {
    const api = createTestApi();
    const { response } = readArmExample("rec-vault-get");
    const body = response!.body as JsonRecord;
    const path = textOf(body["id"]).replace("BackupVaults", "backupVaults");
    await api.send("PUT", path, body);
    expectSame("rec-vault-get", response!, await api.send("GET", path));
  });

  test("rec-vault-update-put-200", async () => {
    const api = createTestApi();
    const [exchange] = exchangesOf("rec-vault-update-put-200");
    await api.send("PUT", exchange!.request.path, exchange!.request.body);
    const answer = await api.send("PUT", exchange!.request.path, exchange!.request.body);
    expectSame("rec-vault-update-put-200", { ...exchange!.response, headers: {} }, answer);
    expect(answer.headers).not.toHaveProperty("azure-asyncoperation");
  });

  test("rec-policy-put-and-delete", async () => {
    const api = createTestApi();
    const [exchange] = exchangesOf("rec-policy-put-and-delete");
    await seedVault(api, vaultIn(exchange!.request.path), "centraluseuap");
    const answer = await api.send("PUT", exchange!.request.path, exchange!.request.body);
    expectSame("rec-policy-put-and-delete", exchange!.response, answer);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorNotSupported" } },
    });
  });

  test("cli-default-policy: what az sends comes back as it reads it, then 200 and 204", async () => {
    const api = createTestApi();
    await seedVault(api, ossVault, "centraluseuap");
    const policy = readArmExample("cli-default-policy-postgresql")["policy"] as JsonRecord;
    const path = `${pathOf(ossVault)}/backupPolicies/osspolicy`;
    const { name: _, ...properties } = policy;
    const put = await api.send("PUT", path, { properties: policy });
    expect(put).toMatchObject({ status: 200 });
    expect(put.body).toEqual({
      properties,
      id: path,
      name: "osspolicy",
      type: "Microsoft.DataProtection/backupVaults/backupPolicies",
    });
    expect(await api.send("DELETE", path)).toMatchObject({ status: 200, body: undefined });
    expect(await api.send("DELETE", path)).toMatchObject({ status: 204, body: undefined });
  });

  test("rec-oss-validate-for-backup", async () => {
    const api = await ossApi();
    await replay(api, "rec-oss-validate-for-backup", { endAfter: 1 });
  });

  test("rec-pgflex-validate-for-backup-request", async () => {
    const api = createTestApi();
    const { request } = readArmExample("rec-pgflex-validate-for-backup-request");
    const vault = vaultIn(request!.path);
    await seedVault(api, vault, "eastus2euap");
    await seedPolicy(api, vault, "pgflexpolicy", "cli-default-policy-postgresql-flexible");
    const answer = await api.send("POST", request!.path, request!.body);
    expect(answer).toMatchObject({ status: 202, body: undefined });
    expect(answer.headers["location"]).toContain("/locations/eastus2euap/operationResults/");
  });

  test("rec-oss-backup-instance-create and rec-oss-backup-instance-list", async () => {
    const api = await ossApi();
    const [put, running, done, configuring, configured] = exchangesOf(
      "rec-oss-backup-instance-create",
    );
    const answer = await api.send("PUT", put!.request.path, put!.request.body);
    expectSame("rec-oss-backup-instance-create", put!.response, answer);
    expect(answer.headers).not.toHaveProperty("location");
    const poll = answer.headers["azure-asyncoperation"]!;
    expectSame("rec-oss-backup-instance-create", running!.response, await api.send("GET", poll));
    await setState(api, "ConfiguringProtection");
    await endOperation(api);
    expectSame("rec-oss-backup-instance-create", done!.response, await api.send("GET", poll));
    const path = configuring!.request.path;
    expectSame(
      "rec-oss-backup-instance-create",
      configuring!.response,
      await api.send("GET", path),
    );
    await replay(api, "rec-oss-backup-instance-list");
    await setState(api, "ProtectionConfigured");
    expectSame("rec-oss-backup-instance-create", configured!.response, await api.send("GET", path));
  });

  test("rec-error-backup-instance-not-found", async () => {
    const api = await ossApi();
    const { response } = readArmExample("rec-error-backup-instance-not-found");
    const answer = await api.send("GET", `${pathOf(ossVault)}/backupInstances/absent`);
    expectSame("rec-error-backup-instance-not-found", response!, answer);
  });

  test.each(["rec-oss-adhoc-backup", "rec-oss-restore-trigger-alternate-location"])(
    "%s",
    async (name) => {
      const api = await protectedApi();
      const recorded = exchangesOf(name).at(-1)!.response.body as JsonRecord;
      const jobId = textOf((recorded["properties"] as JsonRecord)["jobId"]);
      await replay(api, name, { endAfter: 1, jobId });
      expect(api.started.at(-1)?.input["jobId"]).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  test("rec-oss-validate-restore", async () => {
    await replay(await protectedApi(), "rec-oss-validate-restore", { endAfter: 1 });
  });

  test.each([
    "rec-oss-job-backup-inprogress",
    "rec-oss-job-backup-completed",
    "rec-oss-job-restore-inprogress",
    "rec-oss-job-restore-completed",
  ])("%s", async (name) => {
    const api = await ossApi();
    const response = readArmExample(name).response!;
    const job: Job = recordedJob(response.body as JsonRecord);
    await api.catalog.jobs.create(job);
    const answer = await api.send("GET", jobResourceId(job.vault, job.id));
    expectSame(name, response, answer);
    expect(Object.keys(answer.body.properties)).toEqual(
      Object.keys((response.body as JsonRecord)["properties"] as JsonRecord),
    );
  });

  test.each(["spec-trigger-backup", "spec-trigger-restore", "spec-trigger-restore-as-files"])(
    "%s",
    async (name) => {
      const example = readArmExample(name);
      const { path, body } = example.request!;
      const text = JSON.stringify(body)
        .replaceAll("hardcodedRP", recordedPoint.id)
        .replaceAll("yearly", "Default");
      const api = await protectedApi(vaultIn(path), instanceIn(path));
      const answer = await api.send("POST", path, JSON.parse(text));
      const responses = example["responses"] as Record<string, { headers: Record<string, string> }>;
      expectSame(name, { status: 202, headers: responses["202"]!.headers }, answer);
    },
  );

  test("spec-validate-for-backup", async () => {
    const { request } = readArmExample("spec-validate-for-backup");
    const api = createTestApi();
    await seedVault(api, vaultIn(request!.path), "westus");
    const answer = await api.send("POST", request!.path, request!.body);
    expectSame("spec-validate-for-backup", { status: 202 }, answer);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorNotSupported" } },
    });
  });

  test("spec-find-restorable-time-ranges", async () => {
    const api = await protectedApi();
    const { request, response } = readArmExample("spec-find-restorable-time-ranges");
    const path = `${recordedInstanceBody(ossVault).path}/findRestorableTimeRanges`;
    const answer = await api.send("POST", path, request!.body);
    expectSame("spec-find-restorable-time-ranges", response!, answer);
    expect(answer.body.properties.restorableTimeRanges).toEqual([]);
  });

  test("spec-check-name-availability", async () => {
    await replay(createTestApi(), "spec-check-name-availability");
  });

  test("spec-backup-instance-put-uami", async () => {
    const { request } = readArmExample("spec-backup-instance-put-uami");
    const api = createTestApi();
    const vault = vaultIn(request!.path);
    await seedVault(api, vault, "westus");
    await seedPolicy(api, vault, "PratikPolicy1");
    const answer = await api.send("PUT", request!.path, request!.body);
    expect(answer.status).toBe(201);
    const sent = request!.body!["properties"] as JsonRecord;
    for (const name of ["identityDetails", "validationType", "policyInfo", "dataSourceInfo"]) {
      expect(answer.body.properties[name]).toEqual(sent[name]);
    }
  });
});

afterAll(() => comparison.expectAllUsed());

/** Sends the requests of a file; polls follow the URLs that were answered. */
async function replay(
  api: TestApi,
  name: string,
  ending: { endAfter?: number; jobId?: string } = {},
): Promise<void> {
  let operationId = "";
  for (const [index, exchange] of exchangesOf(name).entries()) {
    const answer = await api.send(
      exchange.request.method,
      pollPath(exchange, operationId),
      exchange.request.body,
    );
    expectSame(name, exchange.response, answer);
    operationId =
      /operationStatus\/([^?]+)/.exec(answer.headers["azure-asyncoperation"] ?? "")?.[1] ??
      operationId;
    if (index === ending.endAfter) await endOperation(api, ending.jobId);
  }
}

const pollPath = ({ request }: Exchange, operationId: string): string =>
  operationId === ""
    ? request.path
    : request.path.replace(/(operationStatus|operationResults)\/[^?]+/, `$1/${operationId}`);
