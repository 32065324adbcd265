import { describe, expect, test } from "vitest";
import type { AzureBackup } from "../../../src/adapters/azure-backup/azure-backup.ts";
import { createAzureBackup } from "../../../src/adapters/azure-backup/client.ts";
import { recordedPoint } from "../../contract/recorded-state.ts";
import { instanceName, seedSample, setState } from "../../triggers/http/sample-requests.ts";
import { type TestApi, tokens, vault, vaultBody, vaultId } from "../../triggers/http/test-api.ts";
import { certificate, type Seen, withHttpsApi } from "./https-api.ts";
import { draft, instance, quick, restoreBody, walkThrough } from "./walk-through.ts";

const { resourceGroup: group, vaultName } = vault;
const rehydration = { recoveryPointId: "a".repeat(32), rehydrationRetentionDuration: "P15D" };

/** Each long-running operation of the SDK: how to call it, and from which state. */
const operations: readonly (readonly [
  string,
  (azure: AzureBackup) => PromiseLike<unknown>,
  ((api: TestApi) => Promise<void>)?,
])[] = [
  [
    "backupVaults.createOrUpdate, new",
    (azure) => azure.backupVaults.createOrUpdate(group, "vault2", { ...vaultBody }, quick),
  ],
  [
    "backupVaults.createOrUpdate, again",
    (azure) => azure.backupVaults.createOrUpdate(group, vaultName, { ...vaultBody }, quick),
  ],
  [
    "backupVaults.update",
    (azure) => azure.backupVaults.update(group, vaultName, { tags: { a: "b" } }, quick),
  ],
  ["backupVaults.delete, absent", (azure) => azure.backupVaults.delete(group, "vault3", quick)],
  [
    "backupInstances.createOrUpdate, unchanged",
    (azure) =>
      azure.backupInstances.createOrUpdate(group, vaultName, instanceName, instance(), quick),
  ],
  [
    "backupInstances.createOrUpdate, failed before",
    (azure) =>
      azure.backupInstances.createOrUpdate(group, vaultName, instanceName, instance(), quick),
    (api) => setState(api, "ConfiguringProtectionFailed"),
  ],
  [
    "backupInstances.delete",
    (azure) => azure.backupInstances.delete(group, vaultName, instanceName, quick),
  ],
  [
    "backupInstances.delete, absent",
    (azure) => azure.backupInstances.delete(group, vaultName, "absent", quick),
  ],
  [
    "backupInstances.validateForBackup",
    (azure) => azure.backupInstances.validateForBackup(group, vaultName, draft, quick),
  ],
  [
    "backupInstances.validateForModifyBackup",
    (azure) =>
      azure.backupInstances.validateForModifyBackup(group, vaultName, instanceName, draft, quick),
  ],
  [
    "backupInstances.validateForRestore",
    (azure) =>
      azure.backupInstances.validateForRestore(
        group,
        vaultName,
        instanceName,
        { restoreRequestObject: restoreBody },
        quick,
      ),
  ],
  [
    "backupInstances.triggerRehydrate",
    (azure) =>
      azure.backupInstances.triggerRehydrate(group, vaultName, instanceName, rehydration, quick),
    archived,
  ],
  [
    "backupInstances.triggerRehydrate, nothing archived",
    (azure) =>
      azure.backupInstances.triggerRehydrate(
        group,
        vaultName,
        instanceName,
        { ...rehydration, recoveryPointId: recordedPoint.id },
        quick,
      ),
  ],
  [
    "backupInstances.syncBackupInstance",
    (azure) =>
      azure.backupInstances.syncBackupInstance(
        group,
        vaultName,
        instanceName,
        { syncType: "Default" },
        quick,
      ),
  ],
  [
    "backupInstances.stopProtection",
    (azure) => azure.backupInstances.stopProtection(group, vaultName, instanceName, quick),
  ],
  [
    "backupInstances.suspendBackups",
    (azure) => azure.backupInstances.suspendBackups(group, vaultName, instanceName, quick),
  ],
  [
    "backupInstances.resumeBackups",
    (azure) => azure.backupInstances.resumeBackups(group, vaultName, instanceName, quick),
    (api) => setState(api, "BackupSchedulesSuspended"),
  ],
  [
    "backupInstances.resumeProtection",
    (azure) => azure.backupInstances.resumeProtection(group, vaultName, instanceName, quick),
    (api) => setState(api, "ProtectionStopped"),
  ],
  [
    "backupInstances.resumeProtection, protected",
    (azure) => azure.backupInstances.resumeProtection(group, vaultName, instanceName, quick),
  ],
  [
    "deletedBackupInstances.undelete",
    (azure) => azure.deletedBackupInstances.undelete(group, vaultName, instanceName, quick),
    (api) => setState(api, "SoftDeleted"),
  ],
];

describe("the poller of the Azure SDKs", () => {
  test.each(operations.map(([name, call, prepare]) => ({ name, call, prepare })))(
    "$name runs to its end",
    async ({ call, prepare }) => {
      await withSample(async ({ azure, api, seen }) => {
        await prepare?.(api);
        // Any status that the SDK does not accept in this operation throws.
        await call(azure);
        expect(seen.every(({ status }) => status < 300)).toBe(true);
      });
    },
  );

  test.each([
    [
      "adhocBackup",
      (azure: AzureBackup) =>
        azure.backupInstances.adhocBackup(
          group,
          vaultName,
          instanceName,
          { backupRuleOptions: { ruleName: "BackupWeekly", triggerOption: {} } },
          quick,
        ),
    ],
    [
      "triggerRestore",
      (azure: AzureBackup) =>
        azure.backupInstances.triggerRestore(group, vaultName, instanceName, restoreBody, quick),
    ],
  ] as const)("%s answers the full id of its job", async (_name, call) => {
    await withSample(async ({ azure, seen }) => {
      const { jobId } = await call(azure);
      expect(jobId).toMatch(new RegExp(`^${vaultId}/backupJobs/[0-9a-f-]{36}$`));
      expect(seen.filter(({ url }) => url.includes("/operationStatus/")).length).toBeGreaterThan(1);
      expect(seen.at(-1)?.url).toContain("/operationResults/");
    });
  });

  test("a failed operation throws the service's own code and message", async () => {
    await withSample(async ({ azure, api }) => {
      const fault = {
        code: "UserErrorDBNotFound",
        message: "Database 'x' does not exist.",
        recommendedAction: [],
        retryable: false,
        userError: true,
      } as const;
      const { operations: records } = api.catalog;
      const end: End = (id, ending) => finish(id, { ...ending, status: "Failed", fault });
      const finish = records.end.bind(records);
      records.end = end;
      await expect(
        azure.backupInstances.validateForBackup(group, vaultName, draft, quick),
      ).rejects.toMatchObject({
        message: expect.stringContaining("Database 'x' does not exist.") as string,
      });
    });
  });

  test("a refusal throws with code and status", async () => {
    await withSample(async ({ azure }) => {
      await expect(azure.backupInstances.get(group, vaultName, "absent")).rejects.toMatchObject({
        statusCode: 404,
        code: "UserErrorGenericResourceNotFound",
      });
    });
  });

  test("progress can be watched", async () => {
    await withSample(async ({ azure }) => {
      const states: string[] = [];
      const poller = azure.backupInstances.stopProtection(group, vaultName, instanceName, quick);
      poller.onProgress((state) => states.push(state.status));
      await poller;
      expect(states[0]).toBe("running");
      expect(states.at(-1)).toBe("succeeded");
    });
  });

  test("lists are walked page by page", async () => {
    await withHttpsApi(async ({ endpoint, api }) => {
      const azure = clientAt(endpoint);
      for (let index = 0; index < 205; index += 1) {
        await api.send("PUT", vaultId.replace("vault1", `vault-${index}`), vaultBody);
      }
      const sizes = [];
      for await (const page of azure.backupVaults.listInResourceGroup(group).byPage())
        sizes.push(page.length);
      expect(sizes).toEqual([100, 100, 5]);
      const names = new Set<string | undefined>();
      for await (const one of azure.backupVaults.listInSubscription()) names.add(one.name);
      expect(names.size).toBe(205);
    });
  });

  test("tokens are not sent over plain http to another machine", () => {
    expect(() => clientAt("http://backup.example.com")).toThrow("is not https");
    expect(() => clientAt("http://127.0.0.1:7071")).not.toThrow();
  });
});

describe("a walk-through with the typed client", () => {
  test("from vault to restore", async () => {
    await withHttpsApi(async ({ endpoint, api }) => {
      await walkThrough(clientAt(endpoint), api);
    });
  });
});

const clientAt = (endpoint: string): AzureBackup =>
  createAzureBackup({
    endpoint,
    subscriptionId: vault.subscriptionId,
    token: async () => tokens.contributor,
    certificateAuthority: certificate,
  });

async function withSample(
  run: (place: { azure: AzureBackup; api: TestApi; seen: Seen[] }) => Promise<void>,
): Promise<void> {
  await withHttpsApi(async ({ endpoint, api, seen }) => {
    await seedSample(api);
    await run({ azure: clientAt(endpoint), api, seen });
  });
}

async function archived(api: TestApi): Promise<void> {
  await api.catalog.recoveryPoints.upsert(
    { ...vault, instanceName },
    {
      ...recordedPoint,
      id: "a".repeat(32),
      stores: [{ ...recordedPoint.stores[0]!, type: "ArchiveStore" }],
    },
  );
}

type End = TestApi["catalog"]["operations"]["end"];
