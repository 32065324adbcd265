import { createExpressionParser } from "./parse-expression.ts";
import type { GraphQuery, GraphTable, NamedExpression, Stage } from "./syntax.ts";
import { createTokenReader, type TokenReader } from "./token-reader.ts";

const maxQueryLength = 20_000;
const maxStages = 60;

/**
 * Reads the part of the Kusto query language that az and PowerShell send to Azure Resource Graph
 * (arm-contract.md §5.13). Throws FaultError that shows what is supported.
 */
export function parseGraphQuery(query: string): GraphQuery {
  const reader = createTokenReader(query, maxQueryLength);
  const table = readTable(reader);
  const stages: Stage[] = [];
  while (reader.takeSymbol("|")) {
    if (stages.length >= maxStages) throw reader.refuse(`at most ${maxStages} stages`);
    stages.push(readStage(reader));
  }
  if (!reader.atEnd()) throw reader.refuse("| or the end");
  return { table, stages };
}

function readTable(reader: TokenReader): GraphTable {
  const name = reader.takeName().toLowerCase();
  if (name === "resources" || name === "recoveryservicesresources") return name;
  throw reader.refuse("the table resources or RecoveryServicesResources", -1);
}

function readStage(reader: TokenReader): Stage {
  const word = reader.takeName().toLowerCase();
  switch (word) {
    case "where":
      return { kind: "where", condition: createExpressionParser(reader).read() };
    case "extend":
    case "project":
      return { kind: word, columns: readColumns(reader, word) };
    case "order":
    case "sort":
      return readOrder(reader);
    case "take":
    case "limit":
      return { kind: "take", count: reader.takeNumber() };
    case "count":
      return { kind: "count" };
    default:
      throw reader.refuse("where, extend, project, order by, take or count", -1);
  }
}

function readColumns(reader: TokenReader, word: "extend" | "project"): readonly NamedExpression[] {
  const columns: NamedExpression[] = [];
  do {
    const name = reader.takeName();
    if (reader.takeSymbol("=")) {
      columns.push({ name, expression: createExpressionParser(reader).read() });
    } else if (word === "project") columns.push({ name, expression: { kind: "column", name } });
    else throw reader.refuse("=");
  } while (reader.takeSymbol(","));
  return columns;
}

function readOrder(reader: TokenReader): Stage {
  if (!reader.takeWord("by")) throw reader.refuse("by");
  const by = [];
  do {
    const expression = createExpressionParser(reader).read();
    // Kusto's default is descending.
    const ascending = reader.takeWord("asc");
    if (!ascending) reader.takeWord("desc");
    by.push({ expression, descending: !ascending });
  } while (reader.takeSymbol(","));
  return { kind: "order", by };
}
