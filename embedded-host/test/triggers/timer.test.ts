import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HostFailureError } from "../../core/host-failure.ts";
import type { TypedData } from "../../core/worker-port.ts";
import { parseSchedule } from "../../triggers/schedule.ts";
import { createTimeZone } from "../../triggers/time-zone.ts";
import type { Timer, TimerEvent } from "../../triggers/timer.ts";
import { createTimer } from "../../triggers/timer.ts";
import type { ScheduleStatus, TimerStore } from "../../triggers/timer-store.ts";
import { openTimerStore } from "../../triggers/timer-store.ts";
import { withFolder } from "../host-process.ts";

const START = Date.parse("2026-11-21T10:00:30Z");
const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`);
const utc = createTimeZone("UTC");

interface Run {
  at: string;
  isPastDue: boolean;
  status: { Last: string; Next: string } | null;
}

let statuses: Map<string, ScheduleStatus>;
let store: TimerStore;
let runs: Run[];
let events: TimerEvent[];
let timers: Timer[];

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  statuses = new Map();
  store = {
    read: (name) => statuses.get(name),
    write: (name, status) => void statuses.set(name, status),
    close: () => undefined,
  };
  runs = [];
  events = [];
  timers = [];
});
afterEach(() => {
  // Not awaited: a run of fake time may have no end left.
  for (const timer of timers) void timer.stop();
  vi.useRealTimers();
});

function start(
  text: string,
  options: {
    monitored?: boolean;
    runOnStartup?: boolean;
    run?: () => Promise<void>;
  } = {},
): Timer {
  const timer = createTimer({
    name: "t",
    schedule: parseSchedule(text, utc, Date.now()),
    store: options.monitored === false ? undefined : store,
    runOnStartup: options.runOnStartup ?? false,
    run: async (value: TypedData) => {
      const json = "json" in value ? String(value.json) : "{}";
      const parsed = JSON.parse(json) as { IsPastDue: boolean; ScheduleStatus: Run["status"] };
      runs.push({
        at: new Date().toISOString().slice(11, 19),
        isPastDue: parsed.IsPastDue,
        status: parsed.ScheduleStatus,
      });
      await options.run?.();
    },
    onEvent: (event) => events.push(event),
  });
  timers.push(timer);
  timer.start();
  return timer;
}

const times = (): string[] => runs.map((run) => run.at);

describe("a timer", () => {
  it("stores its status at the first start and runs at each due instant", async () => {
    start("0 */5 * * * *");
    expect(statuses.get("t")).toEqual({ lastAt: null, nextAt: at("10:05:00"), updatedAt: START });
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(times()).toEqual(["10:05:00", "10:10:00"]);
    expect(runs[0]).toMatchObject({
      isPastDue: false,
      status: { Last: "0001-01-01T00:00:00", Next: "2026-11-21T10:05:00.000Z" },
    });
    expect(runs[1]?.status).toMatchObject({ Last: "2026-11-21T10:05:00.000Z" });
    expect(statuses.get("t")).toEqual({
      lastAt: at("10:10:00"),
      nextAt: at("10:15:00"),
      updatedAt: at("10:10:00"),
    });
  });

  it("runs once, past due, for any number of instants missed while no host ran", async () => {
    statuses.set("t", {
      lastAt: at("09:30:00"),
      nextAt: at("09:35:00"),
      updatedAt: at("09:30:00"),
    });
    start("0 */5 * * * *");
    await vi.advanceTimersByTimeAsync(10);
    expect(runs).toMatchObject([{ at: "10:00:30", isPastDue: true }]);
    expect(events).toEqual([{ kind: "past-due", dueAt: at("09:35:00") }]);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(runs.slice(1)).toMatchObject([{ at: "10:05:00", isPastDue: false }]);
  });

  it("is past due if it never ran and its first instant passed", async () => {
    statuses.set("t", { lastAt: null, nextAt: at("09:35:00"), updatedAt: at("09:31:00") });
    start("0 */5 * * * *");
    await vi.advanceTimersByTimeAsync(10);
    expect(runs).toMatchObject([{ isPastDue: true }]);
  });

  it("starts afresh, not past due, when its schedule was changed", async () => {
    statuses.set("t", {
      lastAt: at("09:30:00"),
      nextAt: at("09:35:00"),
      updatedAt: at("09:30:00"),
    });
    start("0 */9 * * * *");
    await vi.advanceTimersByTimeAsync(10);
    expect(runs).toEqual([]);
    expect(events).toEqual([{ kind: "schedule-changed" }]);
    expect(statuses.get("t")).toEqual({ lastAt: null, nextAt: at("10:09:00"), updatedAt: START });
  });

  it("without monitoring keeps no status and knows of no miss", async () => {
    statuses.set("t", {
      lastAt: at("09:30:00"),
      nextAt: at("09:35:00"),
      updatedAt: at("09:30:00"),
    });
    start("*/10 * * * * *", { monitored: false });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(runs).toMatchObject([{ at: "10:00:40", isPastDue: false, status: null }]);
    expect(statuses.get("t")?.nextAt).toBe(at("09:35:00"));
  });

  it("runs at the start if asked to, but only once when it is past due too", async () => {
    start("0 0 * * * *", { runOnStartup: true });
    await vi.advanceTimersByTimeAsync(10);
    expect(runs).toMatchObject([{ at: "10:00:30", isPastDue: false }]);
    await timers[0]?.stop();
    statuses.set("t", {
      lastAt: at("08:00:00"),
      nextAt: at("09:00:00"),
      updatedAt: at("08:00:00"),
    });
    start("0 0 * * * *", { runOnStartup: true });
    await vi.advanceTimersByTimeAsync(10);
    expect(runs.slice(1)).toMatchObject([{ isPastDue: true }]);
  });

  it("never overlaps; what came due during a run becomes one run right after it", async () => {
    const lasting = () => new Promise<void>((resolve) => setTimeout(resolve, 150_000));
    start("0 * * * * *", { run: lasting });
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(times()).toEqual(["10:01:00", "10:03:30", "10:06:00", "10:08:30"]);
  });

  it("counts a failed run as a run", async () => {
    start("0 * * * * *", { run: () => Promise.reject(new Error("no")) });
    await vi.advanceTimersByTimeAsync(130_000);
    expect(times()).toEqual(["10:01:00", "10:02:00"]);
    expect(events).toHaveLength(2);
    expect(statuses.get("t")?.lastAt).toBe(at("10:02:00"));
  });

  it.each([
    ["shutdown", "10:01:00"],
    ["timeout", "10:02:00"],
  ] as const)("that the host's %s cut short is next due at %s", async (reason, next) => {
    start("0 * * * * *", { run: () => Promise.reject(new HostFailureError(reason, "cut")) });
    await vi.advanceTimersByTimeAsync(30_010);
    expect(statuses.get("t")?.nextAt).toBe(at(next));
  });

  it("sleeps over years", async () => {
    start("0 0 0 29 2 *");
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(runs).toEqual([]);
    expect(statuses.get("t")?.nextAt).toBe(Date.parse("2028-02-29T00:00:00Z"));
  });

  it("does not start a run once it stops, and waits for the running one", async () => {
    let finish = (): void => undefined;
    const lasting = () => new Promise<void>((resolve) => (finish = resolve));
    const timer = start("0 * * * * *", { run: lasting });
    await vi.advanceTimersByTimeAsync(30_000);
    let isStopped = false;
    const stopped = timer.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(300_000);
    expect(isStopped).toBe(false);
    finish();
    await stopped;
    expect(times()).toEqual(["10:01:00"]);
  });

  it("keeps its status in a file that a new process reads", async () => {
    vi.useRealTimers();
    await withFolder((folder) => {
      const path = join(folder, "timers.sqlite");
      const first = openTimerStore(path);
      expect(first.read("Nightly")).toBeUndefined();
      first.write("Nightly", { lastAt: null, nextAt: 2, updatedAt: 1 });
      first.write("Nightly", { lastAt: 2, nextAt: 3, updatedAt: 2 });
      first.close();
      const second = openTimerStore(path);
      expect(second.read("nightly")).toEqual({ lastAt: 2, nextAt: 3, updatedAt: 2 });
      second.close();
      return Promise.resolve();
    });
  });
});
