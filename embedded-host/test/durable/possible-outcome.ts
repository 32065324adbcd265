import type { Node, Program } from "./random-program.ts";

/**
 * Whether an outcome is one that the program can have, whoever wins its races. For runs in real
 * time, where the reference model's instants do not hold.
 */
export function isPossible(program: Program, actual: unknown): boolean {
  if (program.fails !== undefined) return actual === `failed ${program.fails}`;
  const nodes = program.statements.flatMap((s) => (s.signal === undefined ? [s.node] : []));
  return Array.isArray(actual) && actual.length === nodes.length && eachPossible(nodes, actual);
}

function eachPossible(nodes: readonly Node[], actual: readonly unknown[]): boolean {
  return nodes.every((node, index) => isPossibleNode(node, actual[index]));
}

function isPossibleNode(node: Node, actual: unknown): boolean {
  const codes = failuresOf(node);
  if (codes.length > 0) return codes.some((code) => actual === `failed ${code}`);
  switch (node.kind) {
    case "all":
      return Array.isArray(actual) && eachPossible(node.children, actual);
    case "activity":
    case "retriedActivity":
      return actual === node.value;
    case "entityCall":
      return actual === node.value * 2;
    case "event":
      return node.raisedAtMs !== null && actual === node.value;
    case "timer":
      return actual === "timer";
    case "sub":
    case "retriedSub":
      return isPossible(node.program, actual);
    case "any": {
      const { any: index, is } = actual as { any: number; is: unknown };
      const winner = node.children[index];
      return winner !== undefined && isPossibleNode(winner, is);
    }
  }
}

/**
 * The codes that a node which surely fails may fail with: of a Task.all, nested ones included, any
 * child's that fails, whichever comes first in real time. Empty: it need not fail.
 */
function failuresOf(node: Node): readonly number[] {
  switch (node.kind) {
    case "activity":
      return node.failures > 0 ? [node.value] : [];
    case "retriedActivity":
      return node.failures >= node.retry.maxAttempts ? [node.value] : [];
    case "sub":
    case "retriedSub":
      return node.program.fails === undefined ? [] : [node.program.fails];
    case "all":
      return node.children.flatMap(failuresOf);
    case "timer":
    case "event":
    case "entityCall":
    case "any":
      return [];
  }
}
