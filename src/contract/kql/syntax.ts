/** An expression over one row. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "datetime"; readonly epochMs: number }
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "member"; readonly of: Expression; readonly name: string }
  | { readonly kind: "item"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "call"; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "in";
      readonly negated: boolean;
      readonly ignoreCase: boolean;
      readonly value: Expression;
      readonly candidates: readonly Expression[];
    };

export const comparisons = [
  "==",
  "!=",
  "=~",
  "!~",
  "<",
  "<=",
  ">",
  ">=",
  "contains",
  "!contains",
  "startswith",
  "!startswith",
  "endswith",
  "!endswith",
  "has",
  "!has",
] as const;
export type Comparison = (typeof comparisons)[number];

export const functionNames = [
  "case",
  "iff",
  "tolower",
  "toupper",
  "tostring",
  "strcat",
  "split",
  "isempty",
  "isnotempty",
  "isnull",
  "isnotnull",
  "not",
] as const;
export type FunctionName = (typeof functionNames)[number];

export type Stage =
  | { readonly kind: "where"; readonly condition: Expression }
  | { readonly kind: "extend" | "project"; readonly columns: readonly NamedExpression[] }
  | {
      readonly kind: "order";
      readonly by: readonly { readonly expression: Expression; readonly descending: boolean }[];
    }
  | { readonly kind: "take"; readonly count: number }
  | { readonly kind: "count" };

export interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

export type GraphTable = "resources" | "recoveryservicesresources";

export interface GraphQuery {
  readonly table: GraphTable;
  readonly stages: readonly Stage[];
}
