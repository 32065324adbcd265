import { describe, expect, test } from "vitest";
import { createActivities } from "../../src/activities/activities.ts";
import { findingsLimit, throwFindings } from "../../src/activities/combine-faults.ts";
import { planValidation } from "../../src/activities/plan-validation.ts";
import type { ActivityPorts } from "../../src/activities/ports.ts";
import { type Fault, FaultError, fault } from "../../src/domain/fault.ts";
import { dayMs, hourMs } from "../../src/domain/instant.ts";
import type { Notice } from "../../src/domain/notice.ts";
import type { Catalog } from "../../src/ports/catalog.ts";
import type { DatabaseServers } from "../../src/ports/database-server.ts";
import { instanceRef } from "../support/records.ts";
import { adhoc, createRig, jobIds, type Rig } from "./rig.ts";

const lost = fault("UserErrorInvalidSecret", { secret: "s" });
const rights = fault(
  "UserErrorMissingDBPermissions",
  { role: "r", database: "d", detail: "SELECT" },
  { target: "table t", recommendedAction: ["GRANT SELECT ON TABLE t TO r;"] },
);

const validationRows = async (rig: Rig) =>
  (await rig.catalog.due.upTo("validation", "2200-01-01T00:00:00.000Z", 10)).map(({ at }) =>
    Date.parse(at),
  );

const run = {
  instance: instanceRef,
  validation: { id: "run-1", startedAt: "2026-01-04T06:30:00.000Z" },
};

/** Activities over the rig's stores, with a server that answers so. */
const withServer = (rig: Rig, servers: Partial<DatabaseServers>) =>
  createActivities({ ...rig.ports, servers: { ...rig.ports.servers, ...servers } });

const failureOf = async (step: Promise<unknown>): Promise<Fault> => {
  const error = await step.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof FaultError)) throw new Error(`No fault: ${String(error)}`);
  return error.fault;
};

describe("the next validation of an instance", () => {
  test("is planned once protection is configured, and only once however often", async () => {
    const rig = createRig();
    await rig.protect();
    const [at, ...others] = await validationRows(rig);
    expect(others).toEqual([]);
    expect(at! - rig.clock.now()).toBeLessThanOrEqual(dayMs);
    await planValidation(rig.ports, instanceRef);
    await rig.activities.replanInstance({ instance: instanceRef });
    expect(await validationRows(rig)).toEqual([at]);
  });

  test("is not planned for an instance that is not backed up", async () => {
    const rig = createRig();
    await rig.protect(undefined, { protectionState: "ProtectionStopped" });
    expect(await validationRows(rig)).toEqual([]);
  });

  test("comes within the hour after a problem was found", async () => {
    const rig = createRig();
    await rig.protect();
    await rig.activities.recordValidation({ ...run, fault: lost });
    const [soonest] = await validationRows(rig);
    expect(soonest! - rig.clock.now()).toBeLessThanOrEqual(hourMs);
  });
});

describe("recording a validation", () => {
  test("shows the problem and takes it back, and twice is as once", async () => {
    const rig = createRig();
    await rig.protect();
    for (let time = 0; time < 2; time += 1) {
      await rig.activities.recordValidation({ ...run, fault: lost });
      expect(await rig.instance()).toMatchObject({
        protectionState: "ProtectionError",
        protectionError: lost,
      });
    }
    await rig.activities.recordValidation(run);
    expect((await rig.instance())?.protectionState).toBe("ProtectionConfigured");
    expect(await rig.instance()).not.toHaveProperty("protectionError");
  });

  test("does not bring a stopped instance back, nor a deleted one", async () => {
    const rig = createRig();
    await rig.protect(undefined, { protectionState: "ProtectionStopped" });
    await rig.activities.recordValidation(run);
    await rig.activities.recordValidation({ ...run, fault: lost });
    expect((await rig.instance())?.protectionState).toBe("ProtectionStopped");
    await rig.catalog.instances.delete(instanceRef);
    expect(await rig.activities.recordValidation(run)).toEqual({});
  });

  test("leaves the schedule of backups as it is", async () => {
    const rig = createRig();
    await rig.protect();
    const before = await rig.due("backup");
    await rig.activities.recordValidation({ ...run, fault: lost });
    expect(await rig.due("backup")).toEqual(before);
    await rig.activities.openBackup({
      instance: instanceRef,
      jobId: jobIds(1)[0]!,
      trigger: adhoc,
      workflowId: "w",
    });
  });
});

describe("the event of a change", () => {
  const outbox = async (rig: Rig) =>
    (await rig.catalog.due.upTo("event", "2200-01-01T00:00:00.000Z", 10)).map(
      ({ payload }) => payload["event"],
    );
  const telling = (rig: Rig, portsWith: Partial<ActivityPorts> = {}) =>
    createActivities({
      ...rig.ports,
      ...portsWith,
      settings: { ...rig.ports.settings, sendsEvents: true },
    });

  test("is laid out once when the problem comes, and once when it goes", async () => {
    const rig = createRig();
    await rig.protect();
    const activities = telling(rig);
    for (let time = 0; time < 2; time += 1) {
      await activities.recordValidation({ ...run, fault: lost });
    }
    expect(await outbox(rig)).toMatchObject([
      {
        specversion: "1.0",
        type: "Pgvault.BackupInstance.ProtectionErrorRaised",
        source: expect.stringMatching(/backupVaults\/Main-Vault$/),
        subject: expect.stringMatching(/backupInstances\/Orders-DB$/),
        data: {
          currentProtectionState: "ProtectionError",
          error: { code: lost.code, findings: 1 },
        },
      },
    ]);
    const later = { id: "run-2", startedAt: "2026-01-05T06:30:00.000Z" };
    await activities.recordValidation({ ...run, validation: later });
    await activities.recordValidation({ ...run, validation: later });
    const types = (await outbox(rig)).map((event) => (event as { type: string }).type);
    expect(types).toEqual([
      "Pgvault.BackupInstance.ProtectionErrorRaised",
      "Pgvault.BackupInstance.ProtectionErrorCleared",
    ]);
  });

  test("is none when nothing changed, nobody listens, or the instance went elsewhere", async () => {
    const rig = createRig();
    await rig.protect();
    await telling(rig).recordValidation(run);
    await rig.activities.recordValidation({ ...run, fault: lost });
    expect(await outbox(rig)).toEqual([]);
  });

  test("is taken back when the instance was stopped at the same moment", async () => {
    const rig = createRig();
    await rig.protect();
    const { catalog } = rig.ports;
    const stopMeanwhile: Catalog = {
      ...catalog,
      instances: {
        ...catalog.instances,
        replace: async (value, etag) => {
          const found = await catalog.instances.get(instanceRef);
          if (found?.value.protectionState === "ProtectionConfigured") {
            const stopped = { ...found.value, protectionState: "ProtectionStopped" } as const;
            await catalog.instances.replace(stopped, found.etag);
          }
          return catalog.instances.replace(value, etag);
        },
      },
    };
    await telling(rig, { catalog: stopMeanwhile }).recordValidation({ ...run, fault: lost });
    expect((await rig.instance())?.protectionState).toBe("ProtectionStopped");
    expect(await outbox(rig)).toEqual([]);
  });
});

describe("the check before a backup", () => {
  test("tells the policy, the secret and the server's findings together", async () => {
    const rig = createRig();
    await rig.protect();
    const draft = { ...(await rig.instance())!, policyName: "Nowhere" };
    const inspectBackup = async () => ({ faults: [rights, lost], notices: [] });
    const found = await failureOf(withServer(rig, { inspectBackup }).checkDraft({ draft }));
    expect(found.code).toBe("UserErrorPolicyNotFound");
    expect(found.details?.map(({ code }) => code)).toEqual([
      "UserErrorPolicyNotFound",
      "UserErrorMissingDBPermissions",
      "UserErrorInvalidSecret",
    ]);
  });

  test("carries the grant script where rights are missing, and only there", async () => {
    const rig = createRig();
    await rig.protect();
    const asked: unknown[] = [];
    const server = (faults: readonly Fault[]): Partial<DatabaseServers> => ({
      inspectBackup: async () => ({ faults, notices: [] }),
      grantScript: (request) => {
        asked.push(request);
        return { sql: "GRANT", powerShell: "", revokeSql: "", revokePowerShell: "" };
      },
    });
    const check = (faults: readonly Fault[]) =>
      failureOf(withServer(rig, server(faults)).checkSource({ instance: instanceRef }));
    expect(await check([lost])).not.toHaveProperty("properties");
    expect((await check([rights])).properties).toEqual({ GrantScript: "GRANT" });
    expect(asked).toEqual([{ database: "Orders-DB", role: "backup", serverMajor: 15 }]);
  });

  test("goes on without script where nobody tells the server's version", async () => {
    const rig = createRig();
    await rig.protect();
    const activities = withServer(rig, {
      inspectBackup: async () => ({ faults: [rights], notices: [] }),
      serverMajor: async () => {
        throw new FaultError(lost);
      },
    });
    expect(await failureOf(activities.checkSource({ instance: instanceRef }))).toEqual(rights);
  });

  test("writes what it noticed into the job once, however often it runs", async () => {
    const rig = createRig();
    await rig.protect();
    const notice: Notice = {
      kind: "LongTransaction",
      resourceName: "session 7",
      warning: "It is old.",
      recommendedAction: ["SELECT pg_terminate_backend(7);"],
    };
    const activities = withServer(rig, {
      inspectBackup: async () => ({ faults: [], notices: [notice] }),
    });
    const jobId = jobIds(1)[0]!;
    await activities.openBackup({ instance: instanceRef, jobId, trigger: adhoc, workflowId: "w" });
    for (let time = 0; time < 2; time += 1) {
      expect(await activities.checkSource({ instance: instanceRef, jobId })).toEqual({
        notices: [notice],
      });
    }
    const job = await rig.catalog.jobs.get(instanceRef, jobId);
    expect(job?.value.warnings).toEqual([
      { resourceName: "session 7", warning: "It is old. SELECT pg_terminate_backend(7);" },
    ]);
  });

  test("is no finding but a failure when pgvault's own storage does not answer", async () => {
    const rig = createRig();
    await rig.protect();
    const down = fault("StorageUnavailable", { detail: "down" });
    const activities = createActivities({
      ...rig.ports,
      connections: {
        resolve: async () => {
          throw new FaultError(down);
        },
      },
    });
    const draft = { ...(await rig.instance())!, policyName: "Nowhere" };
    expect(await failureOf(activities.checkDraft({ draft }))).toEqual(down);
  });
});

describe("several findings as one fault", () => {
  const many = (count: number) => Array.from({ length: count }, () => rights);

  test("are none, one as it is, or all in the details of the first", async () => {
    expect(() => throwFindings([])).not.toThrow();
    expect(await failureOf((async () => throwFindings([rights]))())).toEqual(rights);
    const found = await failureOf((async () => throwFindings([rights, lost]))());
    expect(found).toMatchObject({ code: rights.code, target: "table t", details: [rights, lost] });
    expect(found.message).toMatch(/first of 2 findings/);
  });

  test("stay small enough for a record, and say how many they are", async () => {
    const found = await failureOf((async () => throwFindings(many(450)))());
    expect(found.details).toHaveLength(findingsLimit);
    expect(found.message).toContain("450 findings");
  });

  test("are worth another try only if each of them is", async () => {
    const passing = fault("UserErrorServerConnectionClosed", { server: "s", detail: "" });
    const retryable = async (faults: readonly Fault[]) =>
      (await failureOf((async () => throwFindings(faults))())).retryable;
    expect(await retryable([passing, passing])).toBe(true);
    expect(await retryable([passing, lost])).toBe(false);
  });
});
