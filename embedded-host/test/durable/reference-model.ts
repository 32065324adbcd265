import type { Node, Program, Retry } from "./random-program.ts";

/**
 * What a random program must do, computed from its meaning alone: no history, no actions, no ids,
 * only instants. `user` is when the orchestrator's code learns of an end; `host` is when the host
 * lets the next statement start, which is later after a Task.all that failed early.
 */
interface Course {
  user: number;
  host: number;
  outcome: Outcome;
  /** Until when this keeps the instance alive, needed or not. */
  busyUntil: number;
}

export type Outcome = { ok: true; value: unknown } | { ok: false; code: number };

export interface Expected {
  outcome: Outcome;
  endsAt: number;
  activityRuns: number;
  /** Sum of all signals per entity key. */
  signals: Record<string, number>;
}

export function expectedOf(program: Program, startsAt: number): Expected {
  const model = new Model(startsAt);
  const { outcome, busyUntil } = model.program(program, startsAt);
  const { activityRuns, signals } = model;
  return { outcome, endsAt: busyUntil, activityRuns, signals };
}

const NEVER = Number.POSITIVE_INFINITY;

class Model {
  activityRuns = 0;
  readonly signals: Record<string, number> = {};
  readonly #origin: number;

  constructor(origin: number) {
    this.#origin = origin;
  }

  program({ statements, fails }: Program, startsAt: number): Course {
    const log: unknown[] = [];
    let user = startsAt;
    let host = startsAt;
    let busyUntil = startsAt;
    for (const statement of statements) {
      if (statement.signal !== undefined) {
        this.signals[statement.key] = (this.signals[statement.key] ?? 0) + statement.signal;
        continue;
      }
      const course = this.#statement(statement.node, statement.cancelsTimers, user, host);
      const { outcome } = course;
      log.push(outcome.ok ? outcome.value : `failed ${outcome.code}`);
      user = course.user;
      host = course.host;
      busyUntil = Math.max(busyUntil, course.busyUntil, host);
    }
    const outcome: Outcome =
      fails === undefined ? { ok: true, value: log } : { ok: false, code: fails };
    return { user: busyUntil, host: busyUntil, outcome, busyUntil };
  }

  #statement(node: Node, cancelsTimers: boolean, user: number, host: number): Course {
    if (node.kind !== "any") return this.#node(node, user, host);
    const courses = node.children.map((child) => this.#node(child, user, host));
    const race = this.#race(courses);
    if (!cancelsTimers) return race;
    const kept = courses.filter(
      (course, index) => node.children[index]?.kind !== "timer" || course.user <= race.user,
    );
    return { ...this.#race(kept), user: race.user, outcome: race.outcome };
  }

  #node(node: Node, user: number, host: number): Course {
    switch (node.kind) {
      case "activity":
        return this.#attempts(host, 1, undefined, (at, attempt) => this.#step(node, at, attempt));
      case "retriedActivity":
        return this.#attempts(host, node.retry.maxAttempts, node.retry, (at, attempt) =>
          this.#step(node, at, attempt),
        );
      case "sub":
        return this.program(node.program, host);
      case "retriedSub":
        return this.#attempts(host, node.retry.maxAttempts, node.retry, (at) =>
          this.program(node.program, at),
        );
      case "timer":
        return ends(Math.max(user + node.durationMs, host), "timer");
      case "entityCall":
        return { ...ends(host + node.durationMs, node.value * 2), busyUntil: host };
      case "event": {
        const at = node.raisedAtMs === null ? NEVER : this.#origin + node.raisedAtMs;
        const outcome: Outcome = { ok: true, value: node.value };
        return { user: Math.max(at, user), host: Math.max(at, host), outcome, busyUntil: host };
      }
      case "all":
        return this.#join(node.children.map((child) => this.#node(child, user, host)));
      case "any":
        return this.#race(node.children.map((child) => this.#node(child, user, host)));
    }
  }

  #step(
    node: Extract<Node, { kind: "activity" | "retriedActivity" }>,
    at: number,
    attempt: number,
  ): Course {
    this.activityRuns += 1;
    const course = ends(at + node.durationMs, node.value);
    if (attempt > node.failures) return course;
    return { ...course, outcome: { ok: false, code: node.value } };
  }

  #attempts(
    startsAt: number,
    maxAttempts: number,
    retry: Retry | undefined,
    run: (at: number, attempt: number) => Course,
  ): Course {
    let at = startsAt;
    for (let attempt = 1; ; attempt += 1) {
      const course = run(at, attempt);
      if (course.outcome.ok || attempt === maxAttempts) return course;
      at =
        course.host +
        Math.trunc((retry?.firstMs ?? 0) * (retry?.coefficient ?? 1) ** (attempt - 1));
    }
  }

  #join(children: Course[]): Course {
    const host = Math.max(...children.map((child) => child.host));
    const busyUntil = Math.max(...children.map((child) => child.busyUntil));
    const failed = children.filter((child) => !child.outcome.ok);
    if (failed.length > 0) {
      const { user, outcome } = earliest(failed);
      return { user, host, outcome, busyUntil };
    }
    const values = children.map(({ outcome }) => (outcome.ok ? outcome.value : undefined));
    const user = Math.max(...children.map((child) => child.user));
    return { user, host, outcome: { ok: true, value: values }, busyUntil };
  }

  #race(children: Course[]): Course {
    const winner = earliest(children);
    const { outcome } = winner;
    const value = {
      any: children.indexOf(winner),
      is: outcome.ok ? outcome.value : `failed ${outcome.code}`,
    };
    return {
      user: winner.user,
      host: Math.min(...children.map((child) => child.host)),
      outcome: { ok: true, value },
      busyUntil: Math.max(...children.map((child) => child.busyUntil)),
    };
  }
}

function ends(at: number, value: unknown): Course {
  return { user: at, host: at, outcome: { ok: true, value }, busyUntil: at };
}

/** The first in time; of several at the same instant the first in order. */
function earliest(courses: Course[]): Course {
  return courses.reduce((first, next) => (next.user < first.user ? next : first));
}
