import type { Json, JsonObject } from "../../domain/json.ts";
import { evaluate, isTrue, order, type Row } from "./evaluate.ts";
import type { Expression, GraphQuery, NamedExpression, Stage } from "./syntax.ts";

/** Runs the stages of a query over rows, in order. */
export const runQuery = (query: GraphQuery, rows: readonly JsonObject[]): readonly JsonObject[] =>
  query.stages.reduce<readonly JsonObject[]>(runStage, rows);

function runStage(rows: readonly JsonObject[], stage: Stage): readonly JsonObject[] {
  switch (stage.kind) {
    case "where":
      return rows.filter((row) => isTrue(stage.condition, row));
    case "extend":
      return rows.map((row) => withColumns(row, row, stage.columns));
    case "project":
      return rows.map((row) => withColumns({}, row, stage.columns));
    case "order":
      return rows.toSorted((a, b) => compareRows(stage, a, b));
    case "take":
      return rows.slice(0, stage.count);
    case "count":
      return [{ Count: rows.length }];
  }
}

/** Columns of one stage see those that stand before them. */
function withColumns(start: Row, row: Row, columns: readonly NamedExpression[]): JsonObject {
  let [result, visible] = [start, row];
  for (const { name, expression } of columns) {
    const value: Json = evaluate(expression, visible);
    result = { ...result, [name]: value };
    visible = { ...visible, [name]: value };
  }
  return result;
}

function compareRows(stage: Extract<Stage, { kind: "order" }>, a: Row, b: Row): number {
  for (const { expression, descending } of stage.by) {
    const difference = order(evaluate(expression, a), evaluate(expression, b));
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}

/**
 * The resource type that a query asks for (`where type =~ '…'`), lower-case, so that no other rows
 * need to be read; undefined when it asks for several or says nothing.
 */
export function askedType(query: GraphQuery): string | undefined {
  for (const stage of query.stages) {
    if (stage.kind !== "where") return undefined;
    const found = typeIn(stage.condition);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeIn(condition: Expression): string | undefined {
  if (condition.kind === "and") return typeIn(condition.left) ?? typeIn(condition.right);
  if (condition.kind !== "compare") return undefined;
  const { operator, left, right } = condition;
  if (operator !== "=~" && operator !== "==") return undefined;
  if (left.kind !== "column" || left.name !== "type" || right.kind !== "literal") return undefined;
  return typeof right.value === "string" ? right.value.toLowerCase() : undefined;
}
