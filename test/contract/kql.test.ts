import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGraphQuery } from "../../src/contract/kql/parse-query.ts";
import { askedType, runQuery } from "../../src/contract/kql/run-query.ts";
import { FaultError } from "../../src/domain/fault.ts";

const rows = [
  { name: "a", n: 1, on: true, at: "2026-01-01T00:00:00Z", list: ["x", "y"], deep: { Er: "Mid" } },
  { name: "B", n: 10, on: false, at: "2026-02-01T00:00:00Z", list: [], deep: { Er: null } },
  { name: "c d", n: 2, on: true, at: null, list: ["z"], deep: null },
];

const namesOf = (stages: string) =>
  runQuery(parseGraphQuery(`resources ${stages}`), rows).map((row) => row["name"]);

describe("the language of Resource Graph, as far as clients use it", () => {
  test.each<[string, string[]]>([
    ["", ["a", "B", "c d"]],
    ["| where name == 'b'", []],
    ["| where name =~ 'b'", ["B"]],
    ["| where name !~ 'b'", ["a", "c d"]],
    ["| where name in ('a','b')", ["a"]],
    ["| where name in~ ('A','b')", ["a", "B"]],
    ["| where name !in~ ('A','b')", ["c d"]],
    ["| where name !in ('a')", ["B", "c d"]],
    ["| where n > 1 and n <= 10", ["B", "c d"]],
    ["| where on == 'true'", ["a", "c d"]],
    ["| where on == true or name == 'B'", ["a", "B", "c d"]],
    ["| where not(on == true)", ["B"]],
    ["| where at > datetime(2026-01-15T00:00:00Z)", ["B"]],
    ["| where at > datetime(2026-01-15)", ["B"]],
    ["| where at < datetime('2026-01-15T00:00:00')", ["a"]],
    ["| where list[0] == 'x'", ["a"]],
    ["| where deep.Er == 'Mid'", ["a"]],
    ["| where deep.er == 'Mid'", []],
    ["| where isnull(deep)", ["c d"]],
    ["| where isempty(deep.Er)", ["B", "c d"]],
    ["| where name startswith 'C'", ["c d"]],
    ["| where name !startswith 'C'", ["a", "B"]],
    ["| where name contains ' '", ["c d"]],
    ["| where name has 'D'", ["c d"]],
    ["| where name endswith 'D'", ["c d"]],
    ["| where strcat(name, '-', n) == 'a-1'", ["a"]],
    ["| extend k = case(n == 1, 'one', n == 2, 'two', 'many') | where k == 'many'", ["B"]],
    ["| extend k = iff(on, 'y', 'n'), l = toupper(k) | where l == 'N'", ["B"]],
    ["| where split(name, ' ')[1] == 'd'", ["c d"]],
    ["| order by n asc", ["a", "c d", "B"]],
    ["| order by n", ["B", "c d", "a"]],
    ["| sort by on asc, n desc | take 2", ["B", "c d"]],
    ['// a comment\n| where name == "a"', ["a"]],
    ["| project name", ["a", "B", "c d"]],
  ])("%s", (stages, expected) => {
    expect(namesOf(stages)).toEqual(expected);
  });

  test("count and project shape the rows", () => {
    expect(runQuery(parseGraphQuery("resources | count"), rows)).toEqual([{ Count: 3 }]);
    expect(runQuery(parseGraphQuery("resources | project name, m = n | take 1"), rows)).toEqual([
      { name: "a", m: 1 },
    ]);
  });

  test.each([
    "",
    "SecurityResources",
    "resources | summarize count() by type",
    "resources | join (resources) on id",
    "resources | where name matches regex 'x'",
    "resources | where",
    "resources | where list[-1] == 'z'",
    "resources | where at > datetime(yesterday)",
    "resources | where name ==",
    "resources | where name in ('a'",
    "resources | extend name",
    "resources | where ago(1d) > 1",
    "resources | where (((((((((((((((((((((((((((((((((((((((((((a == 1",
    "resources where name == 'a'",
    `resources ${"| take 1".repeat(100)}`,
    "resources | where name == 'unclosed",
  ])("%s is refused with what is supported", (query) => {
    expect(() => parseGraphQuery(query)).toThrow(
      /not understood at character \d+.*Supported: tables/s,
    );
  });

  test("any text is either run or refused by name", () => {
    const words = fc.constantFrom(
      "resources",
      "|",
      "where",
      "extend",
      "name",
      "==",
      "in~",
      "(",
      ")",
      "'x'",
      "1",
      ",",
      "=",
      ".",
      "and",
      "case",
      "!",
      "[",
      "]",
      "datetime(2026-01-01T00:00:00Z)",
      "order",
      "by",
      "take",
      "count",
    );
    const queries = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 25 }).map((parts) => `resources | ${parts.join(" ")}`),
    );
    fc.assert(
      fc.property(queries, (query) => {
        try {
          runQuery(parseGraphQuery(query), rows);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the type that is asked for is known before any row is read", () => {
    const typeOf = (query: string) => askedType(parseGraphQuery(query));
    expect(typeOf("resources | where type =~ 'A/b' | where x == 1")).toBe("a/b");
    expect(typeOf("resources | where x == 1 and type == 'a'")).toBe("a");
    expect(typeOf("resources | where type == 'a' or type == 'b'")).toBeUndefined();
    expect(typeOf("resources | extend type = 'a' | where type == 'a'")).toBeUndefined();
  });
});
