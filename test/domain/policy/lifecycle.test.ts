import { describe, expect, it } from "vitest";
import { protectionStates } from "../../../src/domain/backup-instance.ts";
import {
  archiveEarlyDeletionDays,
  type LifecyclePoint,
  newestReviewIntervalMs,
  planLifecycle,
} from "../../../src/domain/policy/lifecycle.ts";
import { decidePolicyChange } from "../../../src/domain/policy/policy-change.ts";
import { decideExpiry } from "../../../src/domain/policy/retention.ts";
import {
  absolute,
  archiveStore,
  at,
  copyToArchive,
  lifecycle,
  policyOf,
  retentionRule,
  tag,
  vaultStore,
} from "./policies.ts";

const ruleOf = (...lifecycles: unknown[]) => {
  const rule = policyOf({ rules: [retentionRule("Kept", ...lifecycles)] }).retentionRules[1];
  if (rule === undefined) throw new Error("no rule");
  return rule;
};
const archived = (option: string, duration?: string) =>
  ruleOf(
    lifecycle("P6M", vaultStore, [copyToArchive(option, duration)]),
    lifecycle("P24M", archiveStore),
  );

describe("the promise to a recovery point", () => {
  const completedAt = at("2026-01-31T06:42:00Z");

  it.each([
    ["P7D", "2026-02-07T06:42:00Z"],
    ["P1M", "2026-02-28T06:42:00Z"],
    ["P12W", "2026-04-25T06:42:00Z"],
    ["P10Y", "2036-01-31T06:42:00Z"],
  ])("of %s in the vault ends by the calendar", (duration, end) => {
    const promise = decideExpiry(ruleOf(lifecycle(duration)), completedAt);
    expect(promise).toMatchObject({ vaultExpiryAt: at(end), expiryAt: at(end), ruleName: "Kept" });
  });

  it.each([
    ["CopyOnExpiryOption", undefined, "2026-07-31T06:42:00Z", "2028-07-31T06:42:00Z"],
    ["ImmediateCopyOption", undefined, "2026-01-31T06:42:00Z", "2028-01-31T06:42:00Z"],
    ["CustomCopyOption", "P1M", "2026-02-28T06:42:00Z", "2028-02-28T06:42:00Z"],
  ])("counts the archive's part from the copy: %s", (option, duration, due, end) => {
    expect(decideExpiry(archived(option, duration), completedAt)).toMatchObject({
      vaultExpiryAt: at("2026-07-31T06:42:00Z"),
      archive: { option, dueAt: at(due), expiryAt: at(end) },
      expiryAt: at(end),
    });
  });

  it("says why", () => {
    expect(decideExpiry(archived("CopyOnExpiryOption"), completedAt).reason).toBe(
      "rule Kept: P6M in VaultStore from 2026-01-31T06:42:00.0000000Z, then P24M in ArchiveStore from 2026-07-31T06:42:00.0000000Z (CopyOnExpiryOption)",
    );
  });
});

const completedAt = at("2026-01-01T00:00:00Z");
const pointOf = (rule: ReturnType<typeof ruleOf>, state: Partial<LifecyclePoint> = {}) => ({
  promise: decideExpiry(rule, completedAt),
  isInVaultStore: true,
  isInArchiveStore: false,
  isExpired: false,
  ...state,
});
const older = { isNewestGood: false, protectionState: "ProtectionConfigured" } as const;
const newest = { ...older, isNewestGood: true };
const vaultEnd = at("2026-07-01T00:00:00Z");
const archiveEnd = at("2028-07-01T00:00:00Z");
const plain = ruleOf(lifecycle("P6M"));
const moving = archived("CopyOnExpiryOption");
const copying = archived("CustomCopyOption", "P1M");
const copyDue = at("2026-02-01T00:00:00Z");
const copied = { isInArchiveStore: true };
const moved = { isInArchiveStore: true, isInVaultStore: false };

describe("the lifecycle of a recovery point", () => {
  it.each([
    ["is kept until its retention ends", pointOf(plain), vaultEnd - 1, older, "Keep", vaultEnd],
    ["expires when its retention ends", pointOf(plain), vaultEnd, older, "Expire", vaultEnd],
    [
      "is purged once expired",
      pointOf(plain, { isExpired: true }),
      vaultEnd,
      older,
      "Purge",
      vaultEnd,
    ],
    ["moves to the archive on expiry", pointOf(moving), vaultEnd, older, "MoveToArchive", vaultEnd],
    ["stays until then", pointOf(moving), vaultEnd - 1, older, "Keep", vaultEnd],
    ["is kept in the archive", pointOf(moving, moved), vaultEnd, older, "Keep", archiveEnd],
    ["expires from the archive", pointOf(moving, moved), archiveEnd, older, "Expire", archiveEnd],
    [
      "expires without a move that nobody made in time",
      pointOf(moving),
      archiveEnd,
      older,
      "Expire",
      archiveEnd,
    ],
    ["waits for its custom copy", pointOf(copying), copyDue - 1, older, "Keep", copyDue],
    ["is copied when that is due", pointOf(copying), copyDue, older, "CopyToArchive", copyDue],
    ["is copied though the newest", pointOf(copying), copyDue, newest, "CopyToArchive", copyDue],
    ["keeps both copies", pointOf(copying, copied), copyDue, older, "Keep", vaultEnd],
    [
      "leaves the vault when archived",
      pointOf(copying, copied),
      vaultEnd,
      older,
      "RemoveFromVault",
      vaultEnd,
    ],
    [
      "leaves the vault after a half-made move",
      pointOf(moving, copied),
      vaultEnd,
      older,
      "RemoveFromVault",
      vaultEnd,
    ],
    ["is copied before it leaves", pointOf(copying), vaultEnd, older, "CopyToArchive", vaultEnd],
  ] as const)("%s", (_what, point, now, context, action, reviewAt) => {
    expect(planLifecycle(point, now, context)).toMatchObject({ action, reviewAt });
  });

  it.each([
    ["retention ended", pointOf(plain), vaultEnd],
    ["a move is due", pointOf(moving), vaultEnd],
    ["the vault's copy ended", pointOf(copying, copied), vaultEnd],
    ["it was expired by mistake", pointOf(plain, { isExpired: true }), vaultEnd],
  ])("keeps the newest good one although %s, and looks again", (_what, point, now) => {
    const plan = planLifecycle(point, now, newest);
    expect(plan).toMatchObject({ action: "Keep", reviewAt: now + newestReviewIntervalMs });
    expect(plan.reason).toContain("Newest good recovery point");
  });

  it.each(protectionStates)("never expires the newest good one in state %s", (protectionState) => {
    const plan = planLifecycle(pointOf(plain), vaultEnd, { isNewestGood: true, protectionState });
    expect(plan.action).toBe("Keep");
  });

  it.each(["ProtectionStopped", "SoftDeleting", "SoftDeleted", "NotProtected"] as const)(
    "changes nothing in state %s until somebody resumes",
    (protectionState) => {
      const context = { isNewestGood: false, protectionState };
      const plan = planLifecycle(pointOf(plain, { isExpired: true }), archiveEnd, context);
      expect(plan).toMatchObject({ action: "Keep", reviewAt: undefined });
    },
  );

  it("goes on while backups are suspended", () => {
    const context = { isNewestGood: false, protectionState: "BackupSchedulesSuspended" } as const;
    expect(planLifecycle(pointOf(plain), vaultEnd, context).action).toBe("Expire");
  });

  it("ends a rehydration, in a stopped instance too", () => {
    const point = pointOf(moving, { ...moved, rehydratedUntilAt: vaultEnd + 5 });
    const stopped = { isNewestGood: true, protectionState: "ProtectionStopped" } as const;
    expect(planLifecycle(point, vaultEnd, older)).toMatchObject({
      action: "Keep",
      reviewAt: vaultEnd + 5,
    });
    expect(planLifecycle(point, vaultEnd, stopped)).toMatchObject({
      action: "Keep",
      reviewAt: vaultEnd + 5,
    });
    expect(planLifecycle(point, vaultEnd + 5, older).action).toBe("EndRehydration");
    expect(planLifecycle(point, vaultEnd + 5, stopped).action).toBe("EndRehydration");
  });

  it("does not expire under a rehydrated copy", () => {
    const point = pointOf(moving, { ...moved, rehydratedUntilAt: archiveEnd + 5 });
    expect(planLifecycle(point, archiveEnd, older)).toMatchObject({
      action: "Keep",
      reviewAt: archiveEnd + 5,
    });
  });

  it.each([
    [0, 180],
    [45, 135],
    [180, 0],
    [400, 0],
  ])("after %i days in the archive leaves %i to be billed", (age, left) => {
    expect(archiveEarlyDeletionDays(0, age * 86_400_000)).toBe(left);
  });
});

describe("a change of policy", () => {
  const before = policyOf({
    tags: [tag("Yearly", 10, absolute("FirstOfYear"))],
    rules: [retentionRule("Yearly", lifecycle("P1Y"))],
  });
  const yearly = (duration: string) => [retentionRule("Yearly", lifecycle(duration))];
  const firstOfYear = tag("Yearly", 10, absolute("FirstOfYear"));

  it.each([
    ["the same in other words", { tags: [firstOfYear], rules: yearly("P12M") }],
    ["longer retention", { tags: [firstOfYear], rules: yearly("P2Y") }],
    [
      "a tag above that keeps for longer",
      {
        tags: [firstOfYear, tag("Legal", 1, absolute("AllBackup"))],
        rules: [...yearly("P1Y"), retentionRule("Legal", lifecycle("P5Y"))],
      },
    ],
  ])("to %s is allowed in a locked vault", (_what, parts) => {
    expect(decidePolicyChange(before, policyOf(parts), "Locked")).toMatchObject({
      verdict: "Allowed",
      shortened: [],
    });
  });

  it.each([
    ["shorter retention", { tags: [firstOfYear], rules: yearly("P11M") }, "retention rule Yearly"],
    ["a rule removed", {}, "retention rule Yearly is gone"],
    ["a tag removed", { rules: yearly("P1Y") }, "tag Yearly is given no more"],
    [
      "a tag given less often",
      { tags: [tag("Yearly", 10, absolute("FirstOfDay"))], rules: yearly("P1Y") },
      "tag Yearly may be given less often",
    ],
    [
      "a tag above that keeps for less",
      {
        tags: [firstOfYear, tag("Brief", 1, absolute("AllBackup"))],
        rules: [...yearly("P1Y"), retentionRule("Brief", lifecycle("P7D"))],
      },
      "tag Brief takes precedence over Yearly",
    ],
  ])("to %s is refused in an immutable vault only", (_what, parts, reason) => {
    const after = policyOf(parts);
    expect(decidePolicyChange(before, after, "Disabled").verdict).toBe("Allowed");
    for (const immutability of ["Unlocked", "Locked"] as const) {
      const decision = decidePolicyChange(before, after, immutability);
      expect(decision.verdict).toBe("Refused");
      expect(decision.reason).toContain(reason);
    }
  });
});
