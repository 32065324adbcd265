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
  const code = failureOf(node);
  if (node.kind === "all") {
    const codes = node.children.flatMap((child) => failureOf(child) ?? []);
    if (codes.length > 0) return codes.some((one) => actual === `failed ${one}`);
    return Array.isArray(actual) && eachPossible(node.children, actual);
  }
  if (code !== undefined) return actual === `failed ${code}`;
  switch (node.kind) {
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

/** The code that a node surely fails with; which child's it is in a Task.all is left open. */
function failureOf(node: Node): number | undefined {
  switch (node.kind) {
    case "activity":
      return node.failures > 0 ? node.value : undefined;
    case "retriedActivity":
      return node.failures >= node.retry.maxAttempts ? node.value : undefined;
    case "sub":
    case "retriedSub":
      return node.program.fails;
    case "all":
      return node.children.map(failureOf).find((code) => code !== undefined);
    case "timer":
    case "event":
    case "entityCall":
    case "any":
      return undefined;
  }
}
