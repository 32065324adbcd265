import { describe, expect, test } from "vitest";
import type { CommittedPoint, DumpSummary } from "../../src/activities/activity-types.ts";
import { fault } from "../../src/domain/fault.ts";
import { backUp } from "../../src/workflows/back-up.ts";
import type { BackUpInput } from "../../src/workflows/inputs.ts";
import { runWorkflow } from "./run-workflow.ts";

const input: BackUpInput = {
  operationId: "operation",
  jobId: "11111111-2222-3333-4444-555555555555",
  vault: { subscriptionId: "s", resourceGroup: "g", vaultName: "v" },
  instanceName: "i",
  trigger: { kind: "adhoc", ruleName: "BackupWeekly" },
};

const dumped: DumpSummary = {
  attempt: "attempt-1-abc",
  takenAt: "2026-01-05T06:30:01.000Z",
  storedBytes: 10,
  rawBytes: 30,
  sourceBytes: 40,
  serverVersion: "15.18",
};

const committed: CommittedPoint = {
  recoveryPointId: "11111111222233334444555555555555",
  takenAt: dumped.takenAt,
  tag: "Default",
  rule: "Default",
  reason: "because",
};

const good = {
  takeDumpSlot: () => ({ ahead: 0, slot: "servers/h:5432/0" }),
  dumpDatabase: () => dumped,
  commitRecoveryPoint: () => committed,
};
const names = (run: ReturnType<typeof runWorkflow>) => run.calls.map((call) => call.activity);
const startedAtMs = Date.parse("2026-01-05T06:30:00Z");
const inputOf = (run: ReturnType<typeof runWorkflow>, activity: string) =>
  run.calls.findLast((call) => call.activity === activity)?.input;

describe("a backup", () => {
  test("goes from open job to released lease, and commits what it dumped", () => {
    const run = runWorkflow(backUp, input, good);
    expect(names(run)).toEqual([
      "openBackup",
      "endOperation",
      "takeLease",
      "takeDumpSlot",
      "checkSource",
      "dumpDatabase",
      "releaseDumpSlot",
      "commitRecoveryPoint",
      "discardAttempts",
      "closeJob",
      "releaseLease",
    ]);
    expect(inputOf(run, "endOperation")).toEqual({ operationId: "operation", jobId: input.jobId });
    expect(inputOf(run, "commitRecoveryPoint")).toMatchObject({ attempt: dumped.attempt });
    expect(inputOf(run, "closeJob")).toMatchObject({
      status: "Completed",
      change: { recoveryPoint: { id: committed.recoveryPointId } },
    });
  });

  test("that is refused ends its operation with the fault and opens nothing else", () => {
    const refusal = fault("UserErrorInstanceNotProtected", {
      instance: "i",
      state: "x",
      detail: "",
    });
    const run = runWorkflow(backUp, input, { openBackup: () => refusal });
    expect(names(run)).toEqual(["openBackup", "endOperation"]);
    expect(inputOf(run, "endOperation")).toMatchObject({ fault: refusal });
  });

  test("that finds the instance busy fails within seconds when somebody asked for it", () => {
    const busy = fault("UserErrorMaxConcurrentOperationLimitReached", {
      instance: "i",
      detail: "",
    });
    const run = runWorkflow(backUp, input, { ...good, takeLease: () => busy });
    expect(new Set(names(run))).toEqual(
      new Set(["openBackup", "endOperation", "takeLease", "closeJob"]),
    );
    expect(run.endedAtMs - startedAtMs).toBeLessThan(10_000);
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: busy });
  });

  test("on demand outlasts a review of retention that holds the instance for a moment", () => {
    const busy = fault("UserErrorMaxConcurrentOperationLimitReached", {
      instance: "i",
      detail: "",
    });
    const run = runWorkflow(backUp, input, {
      ...good,
      takeLease: (_, call) => (call === 1 ? busy : {}),
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Completed" });
  });

  test("that finds the instance busy waits its turn when the schedule started it", () => {
    const busy = fault("UserErrorMaxConcurrentOperationLimitReached", {
      instance: "i",
      detail: "",
    });
    const scheduled: BackUpInput = {
      ...input,
      trigger: { kind: "scheduled", dueAt: "2026-01-05T06:30:00.000Z", missed: 0 },
    };
    const run = runWorkflow(backUp, scheduled, {
      ...good,
      takeLease: (_, call) => (call <= 5 ? busy : {}),
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Completed" });
  });

  test("waits for a place among the dumps of its server, and gives it back", () => {
    const run = runWorkflow(backUp, input, {
      ...good,
      takeDumpSlot: (_, call) =>
        call <= 4 ? { ahead: 2 } : { ahead: 0, slot: "servers/h:5432/1" },
    });
    expect(inputOf(run, "dumpDatabase")).toMatchObject({ slot: "servers/h:5432/1" });
    expect(inputOf(run, "releaseDumpSlot")).toMatchObject({ slot: "servers/h:5432/1" });
    const asked = run.calls.filter((call) => call.activity === "takeDumpSlot");
    // The ticket keeps its place in the queue: it is asked for with one and the same instant.
    expect(new Set(asked.map((call) => JSON.stringify(call.input))).size).toBe(1);
  });

  test("tries a transient failure again, in a new attempt, and says so in the job", () => {
    const cut = fault("UserErrorServerConnectionClosed", { server: "h:5432", detail: "cut" });
    const run = runWorkflow(backUp, input, {
      ...good,
      dumpDatabase: (_, call) => (call === 1 ? cut : dumped),
    });
    const attempts = run.calls.filter((call) => call.activity === "dumpDatabase");
    expect(attempts.map((call) => (call.input as { attempt: string }).attempt)).toEqual([
      "attempt-1",
      "attempt-2",
    ]);
    expect(inputOf(run, "changeJob")).toMatchObject({
      change: { details: { Attempt1Error: expect.stringContaining("cut") } },
    });
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Completed" });
  });

  test.each([
    ["checkSource", fault("UserErrorDBNotFound", { database: "d", server: "h:5432" })],
    [
      "dumpDatabase",
      fault("UserErrorMissingDBPermissions", { role: "r", database: "d", detail: "" }),
    ],
    ["commitRecoveryPoint", fault("BMSUserErrorInvalidInput", { detail: "policy" })],
  ] as const)(
    "that fails for good in %s discards its packs, closes the job, frees the lease",
    (step, failure) => {
      const run = runWorkflow(backUp, input, { ...good, [step]: () => failure });
      expect(names(run).slice(-3)).toEqual(["discardAttempts", "closeJob", "releaseLease"]);
      expect(names(run).filter((name) => name === step)).toHaveLength(1);
      expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: failure });
    },
  );

  test("that keeps failing transiently ends Failed after a bounded number of attempts", () => {
    const cut = fault("StorageUnavailable", { detail: "503" });
    const run = runWorkflow(backUp, input, { ...good, dumpDatabase: () => cut });
    expect(names(run).filter((name) => name === "dumpDatabase")).toHaveLength(4);
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Failed", fault: cut });
  });

  test("survives storage hiccups in its book-keeping", () => {
    const hiccup = fault("StorageUnavailable", { detail: "503" });
    const run = runWorkflow(backUp, input, {
      ...good,
      commitRecoveryPoint: (_, call) => (call <= 3 ? hiccup : committed),
      discardAttempts: (_, call) => (call <= 3 ? hiccup : { removedBlobs: 0 }),
      closeJob: (_, call) => (call <= 3 ? hiccup : {}),
      releaseLease: (_, call) => (call <= 3 ? hiccup : {}),
    });
    expect(names(run).filter((name) => name === "dumpDatabase")).toHaveLength(1);
    expect(names(run).at(-1)).toBe("releaseLease");
    expect(inputOf(run, "closeJob")).toMatchObject({ status: "Completed" });
  });
});
