/** Random orchestration programs for the real SDK and for the reference model. */
export type Node = { uid: number } & (
  | { kind: "activity"; value: number; durationMs: number; failures: number }
  | {
      kind: "retriedActivity";
      value: number;
      durationMs: number;
      failures: number;
      retry: Retry;
    }
  | { kind: "timer"; durationMs: number }
  | { kind: "sub"; program: Program }
  | { kind: "retriedSub"; program: Program; retry: Retry }
  /** `raisedAtMs` after the start of the root; null: never. */
  | { kind: "event"; name: string; value: number; raisedAtMs: number | null }
  | { kind: "entityCall"; key: string; value: number; durationMs: number }
  | { kind: "all" | "any"; children: Node[] }
);

export interface Retry {
  firstMs: number;
  coefficient: number;
  maxAttempts: number;
}

export type Statement =
  | { node: Node; cancelsTimers: boolean; signal?: undefined }
  | { signal: number; key: string };

export interface Program {
  statements: Statement[];
  /** Code of the error that it ends with. */
  fails?: number;
}

export type Random = (belowOrAt: number) => number;

/** mulberry32: small, seeded, good enough for shapes. Returns integers from 0 to the limit. */
export function seededRandom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * (limit + 1));
  };
}

interface Shape {
  /**
   * One program either retries or lets a Task.all fail early, never both: the SDK numbers retries
   * and what follows a failed Task.all in another order than any host can (trap 4 of the notes).
   */
  mode: "retries" | "early-failures";
  isRoot: boolean;
  insideAll: boolean;
  depth: number;
}

const MAX_DEPTH = 3;

export class ProgramGenerator {
  readonly #random: Random;
  readonly #maxDurationMs: number;
  #nextUid = 0;

  /** Long durations make ties as good as impossible, so every race has one winner. */
  constructor(random: Random, maxDurationMs: number) {
    this.#random = random;
    this.#maxDurationMs = maxDurationMs;
  }

  program(isRoot = true, depth = 0): Program {
    const mode = this.#random(1) === 0 ? "retries" : "early-failures";
    const shape: Shape = { mode, isRoot, insideAll: false, depth };
    // No program is over at once: a child that takes no time would tie with a buffered event.
    const first = { node: this.#activity(shape), cancelsTimers: false };
    const rest = Array.from({ length: this.#random(isRoot ? 4 : 1) }, () => this.#statement(shape));
    const statements = this.#random(1) === 0 ? [first, ...rest] : [...rest, first];
    return this.#random(5) === 0 ? { statements, fails: this.#value() } : { statements };
  }

  #statement(shape: Shape): Statement {
    if (this.#random(6) === 0) return { signal: this.#value(), key: `k${this.#random(2)}` };
    const node = this.#node(shape);
    return { node, cancelsTimers: node.kind === "any" && this.#random(1) === 0 };
  }

  #node(shape: Shape): Node {
    const pick = this.#random(shape.depth >= MAX_DEPTH ? 6 : 10);
    if (pick <= 1) return this.#activity(shape);
    if (pick === 2) return this.#timer();
    if (pick === 3) return this.#entityCall();
    if (pick === 4) return shape.isRoot ? this.#event(false) : this.#activity(shape);
    if (pick <= 6) return shape.mode === "retries" ? this.#retried(shape) : this.#activity(shape);
    if (pick === 7) return this.#sub(shape);
    return pick === 8 ? this.#all(shape) : this.#any(shape);
  }

  #activity({ mode, insideAll }: Shape): Node {
    const mayFail = mode === "early-failures" || !insideAll;
    const failures = mayFail && this.#random(3) === 0 ? 1 : 0;
    const { value, durationMs } = this.#work();
    return { uid: this.#uid(), kind: "activity", value, durationMs, failures };
  }

  #timer(): Node {
    return { uid: this.#uid(), kind: "timer", durationMs: this.#durationMs() };
  }

  #entityCall(): Node {
    return { uid: this.#uid(), kind: "entityCall", key: `k${this.#random(2)}`, ...this.#work() };
  }

  #event(mayStayAway: boolean): Node {
    const raisedAtMs = mayStayAway && this.#random(1) === 0 ? null : this.#durationMs() * 2;
    const uid = this.#uid();
    return { uid, kind: "event", name: `event${uid}`, value: this.#value(), raisedAtMs };
  }

  #retried(shape: Shape): Node {
    const retry: Retry = {
      firstMs: 1 + this.#random(Math.ceil(this.#maxDurationMs / 4)),
      coefficient: 1 + this.#random(2) / 2,
      maxAttempts: 1 + this.#random(3),
    };
    if (!shape.insideAll && shape.depth < MAX_DEPTH && this.#random(3) === 0) {
      const program = this.program(false, shape.depth + 2);
      return { uid: this.#uid(), kind: "retriedSub", program, retry };
    }
    const failures = this.#random(shape.insideAll ? retry.maxAttempts - 1 : retry.maxAttempts);
    return { uid: this.#uid(), kind: "retriedActivity", ...this.#work(), failures, retry };
  }

  #sub(shape: Shape): Node {
    const program = this.program(false, shape.depth + 1);
    if (shape.mode === "retries" && shape.insideAll) delete program.fails;
    return { uid: this.#uid(), kind: "sub", program };
  }

  #all(shape: Shape): Node {
    const inner = { ...shape, insideAll: true, depth: shape.depth + 1 };
    const children = Array.from({ length: 1 + this.#random(3) }, () => this.#node(inner));
    return { uid: this.#uid(), kind: "all", children };
  }

  /** The first child always ends, so others may wait for an event that never comes. */
  #any(shape: Shape): Node {
    const inner = { ...shape, insideAll: false, depth: shape.depth + 1 };
    const first = this.#random(1) === 0 ? this.#timer() : this.#activity(inner);
    const rest = Array.from({ length: this.#random(3) }, () =>
      shape.isRoot && this.#random(2) === 0 ? this.#event(true) : this.#node(inner),
    );
    return { uid: this.#uid(), kind: "any", children: [first, ...rest] };
  }

  #work() {
    return { value: this.#value(), durationMs: this.#durationMs() };
  }

  #uid(): number {
    this.#nextUid += 1;
    return this.#nextUid;
  }

  #value(): number {
    return 1 + this.#random(998);
  }

  #durationMs(): number {
    return 1 + this.#random(this.#maxDurationMs - 1);
  }
}

/** All events that a client has to raise for this program. */
export function eventsOf(program: Program): { name: string; value: number; atMs: number }[] {
  const found: { name: string; value: number; atMs: number }[] = [];
  const visit = (node: Node): void => {
    if (node.kind === "event" && node.raisedAtMs !== null) {
      found.push({ name: node.name, value: node.value, atMs: node.raisedAtMs });
    }
    if (node.kind === "all" || node.kind === "any") node.children.forEach(visit);
  };
  for (const statement of program.statements) {
    if (statement.signal === undefined) visit(statement.node);
  }
  return found;
}
