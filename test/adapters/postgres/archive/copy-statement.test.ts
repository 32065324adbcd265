import { describe, expect, it } from "vitest";
import { ArchiveFormatError } from "../../../../src/adapters/postgres/archive/archive-cursor.ts";
import {
  copyIntoTable,
  copyOutOfTable,
  copyOutWhere,
  parseCopyStatement,
} from "../../../../src/adapters/postgres/archive/copy-statement.ts";

const parse = (text: string) => parseCopyStatement(Buffer.from(text));

describe("a copy statement of pg_dump", () => {
  it.each([
    ["COPY public.t (a, b) FROM stdin;\n", "public.t", "a, b"],
    [
      'COPY "s (x)"."t ""(y)""" ("a (b", "c) FROM stdin;") FROM stdin;\n',
      '"s (x)"."t ""(y)"""',
      '"a (b", "c) FROM stdin;"',
    ],
    ["COPY public.nocol  FROM stdin;\n", "public.nocol", ""],
    ['COPY public."new\nline" ("col\numn") FROM stdin;\n', 'public."new\nline"', '"col\numn"'],
  ])("%j has relation and columns", (text, relation, columns) => {
    const parsed = parse(text);
    expect(parsed.relation.toString()).toBe(relation);
    expect(parsed.columns.toString()).toBe(columns);
  });

  it("keeps names that are not UTF-8", () => {
    const text = Buffer.from('COPY public."\xe9\xff" (a) FROM stdin;\n', "latin1");
    expect(parseCopyStatement(text).relation).toEqual(Buffer.from('public."\xe9\xff"', "latin1"));
  });

  it("turns round, whole or in part, and back", () => {
    const statement = parse('COPY public.t (a, "b c") FROM stdin;\n');
    expect(copyOutOfTable(statement).toString()).toBe('COPY public.t (a, "b c") TO stdout');
    expect(copyOutWhere(statement, "WHERE ctid >= '(5,0)'").toString()).toBe(
      `COPY (SELECT a, "b c" FROM ONLY public.t WHERE ctid >= '(5,0)') TO stdout`,
    );
    expect(copyIntoTable(statement).toString()).toBe('COPY public.t (a, "b c") FROM stdin');
    expect(copyOutOfTable(parse("COPY public.nocol  FROM stdin;\n")).toString()).toBe(
      "COPY public.nocol TO stdout",
    );
  });

  it.each(["", "SELECT 1;", "COPY t (a) TO stdout;", "COPY t (a FROM stdin;"])(
    "refuses %j",
    (text) => {
      expect(() => parse(text)).toThrow(ArchiveFormatError);
    },
  );
});
