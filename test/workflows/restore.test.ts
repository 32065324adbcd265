import { describe, expect, test } from "vitest";
import { fault } from "../../src/domain/fault.ts";
import { defaultRestoreOptions, type RestoreSpec } from "../../src/domain/restore-spec.ts";
import type { WorkflowInputs } from "../../src/workflows/inputs.ts";
import { restore } from "../../src/workflows/restore.ts";
import { runWorkflow } from "./run-workflow.ts";

const server = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/servers/srv";
const spec: RestoreSpec = {
  recoveryPointId: "a".repeat(32),
  sourceStore: "VaultStore",
  restoreLocation: "local",
  target: {
    kind: "database",
    datasource: {
      resourceId: `${server}/databases/copy`,
      resourceName: "copy",
      resourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      resourceLocation: "local",
      resourceUri: "",
    },
    credentials: { kind: "secret", uri: "https://pgvault.localhost/secrets/srv" },
  },
  options: defaultRestoreOptions,
};
const input: WorkflowInputs["restore"] = {
  operationId: "operation",
  jobId: "11111111-2222-3333-4444-555555555555",
  vault: { subscriptionId: "s", resourceGroup: "g", vaultName: "v" },
  instanceName: "i",
  spec,
};
const restored = { tables: 3, rows: 7, bytes: 99, warnings: [] };
const names = (run: ReturnType<typeof runWorkflow>) => run.calls.map((call) => call.activity);
const inputOf = (run: ReturnType<typeof runWorkflow>, activity: string) =>
  run.calls.findLast((call) => call.activity === activity)?.input;

describe("a restore as database", () => {
  test("goes from open job to released lease and drops nothing", () => {
    const run = runWorkflow(restore, input, { restoreDatabase: () => restored });
    expect(names(run)).toEqual([
      "openRestore",
      "endOperation",
      "takeLease",
      "checkRestore",
      "restoreDatabase",
      "keepRestored",
      "closeJob",
      "releaseLease",
    ]);
    expect(inputOf(run, "closeJob")).toMatchObject({
      status: "Completed",
      change: { subTask: { details: { RowsRestored: "7" } } },
    });
  });

  test("with warnings is completed with warnings", () => {
    const run = runWorkflow(restore, input, {
      restoreDatabase: () => ({ ...restored, warnings: ["extension x left out"] }),
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "CompletedWithWarnings" });
  });

  test("that fails half way asks for its own database to be dropped, then closes", () => {
    const failure = fault("RecoveryPointCorrupt", { recoveryPoint: "a", detail: "flipped" });
    const run = runWorkflow(restore, input, { restoreDatabase: () => failure });
    expect(names(run).slice(-3)).toEqual(["dropRestored", "closeJob", "releaseLease"]);
    expect(inputOf(run, "dropRestored")).toMatchObject({ jobId: input.jobId });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: failure });
  });

  test("that is refused by the check has nothing to drop", () => {
    const failure = fault("UserErrorDatabaseNameAlreadyInUse", { database: "copy", server: "h" });
    const run = runWorkflow(restore, input, { checkRestore: () => failure });
    expect(names(run).slice(-3)).toEqual(["checkRestore", "closeJob", "releaseLease"]);
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: failure });
  });

  test("whose server is gone for good still closes its job, and says what may remain", () => {
    const gone = fault("UserErrorServerConnectionClosed", { server: "h:5432", detail: "gone" });
    const run = runWorkflow(restore, input, {
      restoreDatabase: () => gone,
      dropRestored: () => gone,
    });
    expect(inputOf(run, "changeJob")).toMatchObject({
      change: { details: { HalfRestoredDatabase: expect.stringContaining("gone") } },
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: gone });
    expect(names(run).at(-1)).toBe("releaseLease");
  });
});

describe("a restore from the archive", () => {
  const archived = {
    ...input,
    spec: {
      ...spec,
      sourceStore: "ArchiveStore" as const,
      rehydration: { priority: "High" as const, retentionDays: 10 },
    },
  };

  test("waits for the rehydration at growing intervals, then restores", () => {
    const run = runWorkflow(restore, archived, {
      rehydrateStep: (_, call) =>
        call <= 6
          ? { state: "pending", needed: true }
          : { state: "done", needed: true, expiresAt: "2026-01-15T00:00:00.000Z" },
      restoreDatabase: () => restored,
    });
    expect(names(run).filter((name) => name === "rehydrateStep")).toHaveLength(7);
    expect(inputOf(run, "changeJob")).toMatchObject({
      change: { details: { RehydratedUntil: "2026-01-15T00:00:00.000Z" } },
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Completed" });
    // 5 + 10 + 20 + 40 + 80 + 160 s
    expect(run.endedAtMs - Date.parse("2026-01-05T06:30:00Z")).toBe(315_000);
  });

  test("gives up after 36 hours and says so", () => {
    const run = runWorkflow(restore, archived, {
      rehydrateStep: () => ({ state: "pending", needed: true }),
    });
    expect(inputOf(run, "closeJob")).toMatchObject({
      status: "Failed",
      fault: { code: "OperationTimedOut" },
    });
    expect(names(run)).not.toContain("restoreDatabase");
  });
});
