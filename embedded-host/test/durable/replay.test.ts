import { describe, expect, it } from "vitest";
import { type Action, ActionType } from "../../durable/actions.ts";
import {
  type EventMessage,
  EventType,
  type HistoryEvent,
  recordEvent,
} from "../../durable/history.ts";
import { replay } from "../../durable/replay.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

const activity = (functionName: string): Action => ({
  actionType: ActionType.CallActivity,
  functionName,
});
const timer = (seconds: number, isCanceled = false): Action => ({
  actionType: ActionType.CreateTimer,
  fireAt: at(seconds),
  isCanceled,
});
const waitFor = (externalEventName: string): Action => ({
  actionType: ActionType.WaitForExternalEvent,
  externalEventName,
});
const any = (...compoundActions: Action[]): Action => ({
  actionType: ActionType.WhenAny,
  compoundActions,
});
const all = (...compoundActions: Action[]): Action => ({
  actionType: ActionType.WhenAll,
  compoundActions,
});
const retried = (maxNumberOfAttempts: number, backoffCoefficient?: number): Action => ({
  actionType: ActionType.CallActivityWithRetry,
  functionName: "a",
  retryOptions: {
    firstRetryIntervalInMilliseconds: 1_000,
    maxNumberOfAttempts,
    maxRetryIntervalInMilliseconds: 3_000,
    ...(backoffCoefficient === undefined ? {} : { backoffCoefficient }),
  },
});
const continueAsNew: Action = { actionType: ActionType.ContinueAsNew, input: { n: 2 } };

const completed = (TaskScheduledId: number, Result: string | null = null): EventMessage => ({
  EventType: EventType.TaskCompleted,
  TaskScheduledId,
  Result,
});
const failed = (TaskScheduledId: number): EventMessage => ({
  EventType: EventType.TaskFailed,
  TaskScheduledId,
  Reason: "r",
  Details: "d",
  FailureDetails: null,
});
const fired = (TimerId: number): EventMessage => ({
  EventType: EventType.TimerFired,
  TimerId,
  FireAt: at(0),
});
const raised = (Name: string): EventMessage => ({
  EventType: EventType.EventRaised,
  Name,
  Input: "1",
});
const scheduled = (id: number, Name = "a") =>
  recordEvent({ EventType: EventType.TaskScheduled, Name, Version: "", Input: null }, T0, id);
const timerCreated = (id: number) =>
  recordEvent({ EventType: EventType.TimerCreated, FireAt: at(0) }, T0, id);

/** An episode at a second: messages first, then what it scheduled. */
function episode(second: number, messages: EventMessage[], scheduling: HistoryEvent[] = []) {
  const now = T0 + second * 1000;
  return [
    recordEvent({ EventType: EventType.OrchestratorStarted }, now),
    ...messages.map((message) => recordEvent(message, now)),
    ...scheduling,
    recordEvent({ EventType: EventType.OrchestratorCompleted }, now),
  ];
}

const start: EventMessage = {
  EventType: EventType.ExecutionStarted,
  Name: "o",
  Version: "",
  Input: null,
  OrchestrationInstance: { InstanceId: "i", ExecutionId: "e" },
  ParentInstance: null,
};
const ids = (result: ReturnType<typeof replay>) =>
  result.newActions.map(({ id, kind }) => `${id} ${kind}`);

describe("replay", () => {
  it("starts one action at a time and numbers compounds in order", () => {
    const actions = [all(activity("a"), any(timer(5), waitFor("e")), activity("b")), activity("c")];
    expect(ids(replay(episode(0, [start]), actions))).toEqual([
      "0 activity",
      "1 timer",
      "2 activity",
    ]);
  });

  it("finds nothing new when the history holds it all, and settles when all has ended", () => {
    const history = [...episode(0, [start], [scheduled(0)]), ...episode(1, [completed(0)])];
    expect(replay(history, [activity("a")])).toMatchObject({ newActions: [], isSettled: true });
    expect(ids(replay(history, [activity("a"), activity("b")]))).toEqual(["1 activity"]);
  });

  it("waits for all children of a failed WhenAll before it goes on", () => {
    const actions = [all(activity("a"), activity("a")), activity("next")];
    const begin = episode(0, [start], [scheduled(0), scheduled(1)]);
    const oneFailed = [...begin, ...episode(1, [failed(0)])];
    expect(ids(replay(oneFailed, actions))).toEqual([]);
    expect(ids(replay([...oneFailed, ...episode(2, [completed(1)])], actions))).toEqual([
      "2 activity",
    ]);
  });

  it("goes on at the first child of a WhenAny, but the loser keeps the instance alive", () => {
    const history = [
      ...episode(0, [start], [scheduled(0), timerCreated(1)]),
      ...episode(1, [completed(0)]),
    ];
    expect(replay(history, [any(activity("a"), timer(9))]).isSettled).toBe(false);
    expect(replay(history, [any(activity("a"), timer(9, true))]).isSettled).toBe(true);
  });

  it("lets a cancelled timer take its number, be recorded, and start nothing early", () => {
    const actions = [any(retried(3), timer(60, true)), activity("next")];
    const begin = episode(0, [start], [scheduled(0), timerCreated(1)]);
    expect(ids(replay(begin, actions))).toEqual([]);
    const history = [
      ...begin,
      ...episode(1, [failed(0)], [timerCreated(2)]),
      ...episode(2, [fired(2)], [scheduled(3)]),
      ...episode(3, [completed(3)]),
    ];
    expect(ids(replay(history, actions))).toEqual(["4 activity"]);
  });

  it.each([
    ["without a coefficient", undefined, [1, 1, 1]],
    ["growing to the cap", 2, [1, 2, 3]],
  ])("waits between attempts %s, and not at all after the last", (_what, coefficient, waits) => {
    const actions = [retried(4, coefficient)];
    let history = episode(0, [start], [scheduled(0)]);
    for (const [attempt, wait] of [...waits, 0].entries()) {
      const second = (attempt + 1) * 10;
      const afterFailure = [...history, ...episode(second, [failed(attempt * 2)])];
      const timerId = attempt * 2 + 1;
      expect(replay(afterFailure, actions)).toMatchObject({
        newActions: [{ id: timerId, kind: "timer", fireAt: at(second + wait) }],
        isSettled: false,
      });
      history = [
        ...history,
        ...episode(second, [failed(attempt * 2)], [timerCreated(timerId)]),
        ...episode(second + wait, [fired(timerId)], attempt < 3 ? [scheduled(timerId + 1)] : []),
      ];
    }
    expect(replay(history, actions)).toMatchObject({ newActions: [], isSettled: true });
  });

  it("serves the latest waiter of an event first and buffers what nobody awaits", () => {
    const race = [any(waitFor("e"), timer(1)), any(waitFor("e"), timer(9)), activity("a")];
    const begin = episode(0, [start], [timerCreated(0)]);
    const lost = [...begin, ...episode(1, [fired(0)], [timerCreated(1)])];
    expect(ids(replay([...lost, ...episode(2, [raised("e")])], race))).toEqual(["2 activity"]);
    const early = episode(0, [start, raised("e"), raised("e")]);
    expect(ids(replay(early, [waitFor("e"), waitFor("e"), activity("a")]))).toEqual(["0 activity"]);
    expect(ids(replay(early, [waitFor("E"), activity("a")]))).toEqual([]);
  });

  it("carries over events that came after continueAsNew, and only those", () => {
    const history = episode(0, [start, raised("lost"), raised("go"), raised("later")]);
    const result = replay(history, [waitFor("go"), continueAsNew]);
    expect(result).toMatchObject({ isSettled: true, continueAsNew: { input: '{"n":2}' } });
    expect(result.carriedOver).toMatchObject([{ Name: "later" }]);
  });

  it("does not carry over an event that beat a cancelled timer", () => {
    const history = [
      ...episode(0, [start], [timerCreated(0)]),
      ...episode(1, [raised("go"), raised("go")]),
    ];
    const result = replay(history, [any(waitFor("go"), timer(60, true)), continueAsNew]);
    expect(result.carriedOver).toHaveLength(1);
  });

  it("registers an entity call under the request id of its EventSent", () => {
    const call: Action = {
      actionType: ActionType.CallEntity,
      instanceId: "@c@k",
      operation: "get",
    };
    const sent = recordEvent(
      { EventType: EventType.EventSent, InstanceId: "@c@k", Name: "op", Input: '{"id":"r1"}' },
      T0,
      0,
    );
    const begin = episode(0, [start], [sent]);
    expect(replay(begin, [call]).isSettled).toBe(false);
    expect(replay([...begin, ...episode(1, [raised("r1")])], [call]).isSettled).toBe(true);
  });

  it.each([
    [202, { Location: "/p", "Retry-After": "7" }, true, 7],
    [202, { location: "/p" }, true, 30],
    [202, {}, true, undefined],
    [202, { location: "/p" }, false, undefined],
    [200, { location: "/p" }, true, undefined],
  ])("after HTTP %i with %j and polling %s waits %s s", (statusCode, headers, polls, wait) => {
    const call: Action = {
      actionType: ActionType.CallHttp,
      httpRequest: {
        method: "POST",
        uri: "http://h/start",
        headers: { "X-Functions-Key": "k", a: "b" },
        asynchronousPatternEnabled: polls,
      },
    };
    const name = "BuiltIn::HttpActivity";
    const answer = JSON.stringify({ statusCode, headers, content: "" });
    const history = [
      ...episode(0, [start], [scheduled(0, name)]),
      ...episode(1, [completed(0, answer)]),
    ];
    const result = replay(history, [call]);
    if (wait === undefined) {
      expect(result).toMatchObject({ newActions: [], isSettled: true });
      return;
    }
    expect(result.newActions).toMatchObject([{ kind: "timer", fireAt: at(1 + wait) }]);
    const waited = [...history.slice(0, -1), timerCreated(1), ...episode(1 + wait, [fired(1)])];
    const [poll] = replay(waited, [call]).newActions;
    expect(poll).toMatchObject({ id: 2, kind: "activity", name });
    const input = JSON.parse(poll?.kind === "activity" ? (poll.input ?? "") : "");
    expect(input).toMatchObject({ method: "GET", uri: "http://h/p", headers: { a: "b" } });
    expect(input.headers).not.toHaveProperty("X-Functions-Key");
  });

  it.each<[string, HistoryEvent, Action[], string]>([
    [
      "another activity",
      scheduled(0, "b"),
      [activity("a")],
      "holds activity 'b' as number 0, but the code now asks for activity 'a'",
    ],
    ["another kind", timerCreated(0), [activity("a")], "holds timer as number 0"],
    ["nothing at all", scheduled(0), [waitFor("e")], "asks for nothing"],
  ])("reports code that now asks for %s", (_what, event, actions, message) => {
    expect(replay(episode(0, [start], [event]), actions).nonDeterminism).toContain(message);
  });

  it("accepts another casing of a function's name", () => {
    expect(
      replay(episode(0, [start], [scheduled(0, "A")]), [activity("a")]).nonDeterminism,
    ).toBeUndefined();
  });

  it("ignores completions of tasks that nobody knows", () => {
    expect(replay(episode(0, [start, completed(7), fired(8)]), []).isSettled).toBe(true);
  });

  it("refuses an action it does not know by name", () => {
    const unknown = { actionType: 99 } as unknown as Action;
    expect(() => replay(episode(0, [start]), [unknown])).toThrow('"actionType":99');
  });
});
