import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  markedJobId,
  markStatement,
  originalComment,
  restoreMarker,
  unmarkStatement,
} from "../../../src/adapters/postgres/restore-marker.ts";
import {
  doBlock,
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  readableName,
} from "../../../src/adapters/postgres/sql-text.ts";

describe("SQL text", () => {
  it.each([
    ["orders", '"orders"'],
    ['we"ird', '"we""ird"'],
    ["back\\slash", '"back\\slash"'],
    ["two\nlines\\", 'U&"two\\000alines\\\\"'],
  ])("quotes identifier %j", (name, quoted) => expect(quoteIdentifier(name)).toBe(quoted));

  it.each([
    ["it's", "'it''s'"],
    ["a\\b", "'a\\b'"],
    ["tab\t'", "U&'tab\\0009'''"],
  ])("quotes literal %j", (text, quoted) => expect(quoteLiteral(text)).toBe(quoted));

  it("stays on one line whatever is quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(`${quoteIdentifier(text)}${quoteLiteral(text)}`).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it("joins names, readable ones bare", () => {
    expect(qualifiedName("a", "B c")).toBe('"a"."B c"');
    expect(readableName("a", "B c")).toBe('a."B c"');
  });

  it("encloses a body in a quote that it does not hold", () => {
    const body = "BEGIN /* $pgvault$ $pgvault1$ */ END";
    expect(doBlock(body)).toBe(`DO $pgvault2$\n${body}\n$pgvault2$;`);
  });
});

describe("the marker of a restored database", () => {
  it("names its job and nothing else does", () => {
    expect(markedJobId(restoreMarker("j-1"))).toBe("j-1");
    for (const comment of [null, undefined, "", "pgvault restore ", "my pgvault restore j-1"]) {
      expect(markedJobId(comment)).toBeUndefined();
    }
  });

  it("keeps the customer's comment behind it, and never a second mark", () => {
    const marked = restoreMarker("j-1", "Sales\nand more");
    expect(markedJobId(marked)).toBe("j-1");
    expect(originalComment(marked)).toBe("Sales\nand more");
    expect(originalComment(restoreMarker("j-2", marked))).toBe("Sales\nand more");
    expect(originalComment(restoreMarker("j-1"))).toBeUndefined();
    expect(originalComment("Sales")).toBe("Sales");
    expect(originalComment(null)).toBeUndefined();
    expect(markStatement("a", "j", "x")).toBe(
      `COMMENT ON DATABASE "a" IS U&'pgvault restore j\\000ax'`,
    );
  });

  it("is set and replaced by statements", () => {
    expect(markStatement("a b", "j")).toBe(`COMMENT ON DATABASE "a b" IS 'pgvault restore j'`);
    expect(unmarkStatement("a", null)).toBe('COMMENT ON DATABASE "a" IS NULL');
    expect(unmarkStatement("a", "it's")).toBe(`COMMENT ON DATABASE "a" IS 'it''s'`);
  });
});
