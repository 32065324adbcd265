import { describe, expect, test } from "vitest";
import type { Job } from "../../../src/domain/job.ts";
import { type JsonRecord, readArmExample } from "../../contract/arm-example.ts";
import { recordedJob } from "../../contract/recorded-state.ts";
import { instanceId, seedSample } from "./sample-requests.ts";
import { createTestApi, type TestApi, tokens, vault, vaultBody, vaultId } from "./test-api.ts";

const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
const options = { $top: 1000, $skip: 0, resultFormat: "objectArray", allowPartialScopes: false };
const subscriptions = [vault.subscriptionId];

/** As `az dataprotection job list-from-resourcegraph` builds it. */
const jobQuery =
  "RecoveryServicesResources | where type =~ 'microsoft.dataprotection/backupvaults/backupjobs'| extend vaultName = properties.vaultName| extend status = properties.status| extend operation = case( tolower(properties.operationCategory) startswith 'backup' and properties.isUserTriggered == 'true', strcat('OnDemand',properties.operationCategory), tolower(properties.operationCategory) startswith 'backup' and properties.isUserTriggered == 'false', strcat('Scheduled', properties.operationCategory), type =~ 'microsoft.dataprotection/backupVaults/backupJobs', properties.operationCategory, 'Invalid')| extend datasourceId = properties.dataSourceId";

/** As `az dataprotection backup-instance list-from-resourcegraph` builds it. */
const instanceQuery =
  "RecoveryServicesResources | where type =~ 'microsoft.dataprotection/backupvaults/backupinstances'| extend vaultName = split(split(id, '/Microsoft.DataProtection/backupVaults/')[1],'/')[0]| extend protectionState = properties.currentProtectionState| extend datasourceId = properties.dataSourceInfo.resourceID";

describe("Resource Graph", () => {
  test("az's query for jobs finds them by operation, status, vault and time", async () => {
    const api = createTestApi();
    await seedJobs(api);
    const ask = async (filter: string) => {
      const { body } = await send(api, `${jobQuery}${filter}`);
      return body.data.map((row: { operation: string }) => row.operation);
    };
    expect((await ask("")).toSorted()).toEqual(["OnDemandBackup", "Restore", "ScheduledBackup"]);
    expect(
      await ask(
        " | where operation in~ ('ondemandbackup','Restore') | where status in~ ('Completed')",
      ),
    ).toHaveLength(2);
    expect(await ask(" | where operation in~ ('ScheduledBackup')")).toEqual(["ScheduledBackup"]);
    expect(await ask(" | where vaultName in~ ('VAULT1')")).toHaveLength(3);
    expect(await ask(" | where vaultName in~ ('vault2')")).toHaveLength(0);
    expect(await ask("| where properties.startTime > datetime(2023-06-27T09:40:00Z)")).toEqual([
      "Restore",
    ]);
    expect(
      await ask(
        " | where properties.dataSourceType in~ ('Microsoft.DBforPostgreSQL/servers/databases') | where resourceGroup in~ ('RG')",
      ),
    ).toHaveLength(3);
  });

  test("az's query for instances finds them by state, vault and datasource", async () => {
    const api = createTestApi();
    await seedSample(api);
    const { body } = await send(
      api,
      `${instanceQuery} | where resourceGroup in~ ('rg') | where vaultName in~ ('vault1') | where protectionState in~ ('ProtectionConfigured')`,
    );
    expect(body).toMatchObject({
      totalRecords: 1,
      count: 1,
      facets: [],
      resultTruncated: "false",
      data: [
        {
          id: instanceId,
          type: "microsoft.dataprotection/backupvaults/backupinstances",
          vaultName: "vault1",
          protectionState: "ProtectionConfigured",
          properties: {
            objectType: "BackupInstance",
            backupInstanceExtendedProperties: {
              protectedPrimaryRegion: "westeurope",
              protectedSecondaryRegion: "northeurope",
            },
          },
        },
      ],
    });
  });

  test("az's query for vaults", async () => {
    const api = createTestApi();
    await seedSample(api);
    const query =
      "resources | where type =~ 'microsoft.dataprotection/backupvaults' | where name in~ ('vault1')";
    expect((await send(api, query)).body.data).toMatchObject([
      { id: vaultId, location: "westeurope" },
    ]);
  });

  test("pages by $top, $skip and $skipToken", async () => {
    const api = createTestApi();
    for (let index = 0; index < 5; index += 1) {
      await api.send("PUT", vaultId.replace("vault1", `vault-${index}`), vaultBody);
    }
    const query = "resources | project name";
    const first = await send(api, query, { ...options, $top: 2 });
    expect(first.body).toMatchObject({
      totalRecords: 5,
      count: 2,
      data: [{ name: "vault-0" }, { name: "vault-1" }],
    });
    const next = await send(api, query, { ...options, $top: 2, $skipToken: first.body.$skipToken });
    expect(next.body.data).toEqual([{ name: "vault-2" }, { name: "vault-3" }]);
    const last = await send(api, query, { ...options, $top: 2, $skip: 4 });
    expect(last.body).toMatchObject({ count: 1 });
    expect(last.body).not.toHaveProperty("$skipToken");
    expect(await send(api, query, { ...options, $skipToken: "x" })).toMatchObject({ status: 400 });
  });

  test("what is not supported is refused with what is", async () => {
    const answer = await send(createTestApi(), "resources | summarize count()");
    expect(answer).toMatchObject({ status: 400, body: { error: { target: "query" } } });
    expect(answer.body.error.message).toContain("Supported:");
  });
});

const send = (api: TestApi, query: string, withOptions: object = options) =>
  api.send("POST", path, { subscriptions, query, options: withOptions }, { token: tokens.reader });

async function seedJobs(api: TestApi): Promise<void> {
  await seedSample(api);
  const job = (name: string, changes: Partial<Job>): Job => ({
    ...recordedJob(readArmExample(name).response!.body as JsonRecord),
    vault,
    ...changes,
  });
  await api.catalog.jobs.create(job("rec-oss-job-backup-completed", {}));
  await api.catalog.jobs.create(
    job("rec-oss-job-backup-inprogress", { id: "2", isUserTriggered: false }),
  );
  await api.catalog.jobs.create(job("rec-oss-job-restore-completed", {}));
}
