import fc from "fast-check";
import { quoteIdentifier, quoteLiteral } from "../../../../src/adapters/postgres/sql-text.ts";

/** The script that makes one random database: tables of all shapes with rows that are hard to copy. */
export const randomDatabase = (): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(name, { maxLength: 2 }),
      fc.array(table(), { minLength: 1, maxLength: 5 }),
      fc.array(oddText, { maxLength: 3 }),
    )
    .map(([schemas, tables, objects]) => {
      const places = ["public", ...schemas.map((odd, index) => `${odd}s${index}`)];
      const made = places.slice(1).map((place) => `CREATE SCHEMA ${quoteIdentifier(place)};`);
      const filled = tables.map((make, index) =>
        make(quoteIdentifier(places[index % places.length] ?? "public"), index),
      );
      const large = objects.map(
        (text) => `SELECT lo_from_bytea(0, convert_to(${quoteLiteral(text)}, 'UTF8'));`,
      );
      return [...made, ...filled, ...large].join("\n");
    });

/** What COPY, the table of contents and shells treat as special, and letters of 1 to 4 bytes. */
const oddCharacters = Array.from(
  "abcXYZ019 _-.,;:!?$%&'\"\\/()[]{}<>=|~`^*+#@\t\n\r\b\f\v\u0001\u2028éß漢😀",
).concat(["\\.", "\\N", "NULL", "--"]);
const oddText = fc.string({ unit: fc.constantFrom(...oddCharacters), maxLength: 30 });
/** At most 63 bytes with the number that makes it unique. */
const name = fc.string({ unit: fc.constantFrom(...oddCharacters), minLength: 1, maxLength: 12 });

interface ColumnType {
  readonly type: string;
  readonly value: fc.Arbitrary<string>;
}

const quoted = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  value.map((each) => quoteLiteral(String(each)));
const orNull = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant("NULL") });
const arrayOf = (type: string, value: fc.Arbitrary<string>): ColumnType => ({
  type: `${type}[]`,
  value: fc
    .array(orNull(value), { maxLength: 4 })
    .map((items) => `ARRAY[${items.join(", ")}]::${type}[]`),
});
const integer = fc.integer().map(String);
const float = quoted(fc.double().map((value) => (Object.is(value, -0) ? "-0" : value)));
const date = quoted(
  fc.oneof(
    fc.constantFrom("infinity", "-infinity", "4713-01-01 BC"),
    fc
      .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((value) => value.toISOString()),
  ),
);
const json = quoted(
  fc
    .jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom(...Array.from('ab"\\\n\té漢😀')) })
    .map((value) => JSON.stringify(value)),
);
const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((value) => `'\\x${Buffer.from(value).toString("hex")}'::bytea`);

const columnTypes: readonly ColumnType[] = [
  { type: "int", value: integer },
  { type: "bigint", value: quoted(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })) },
  {
    type: "numeric",
    value: fc.oneof(float, quoted(fc.constantFrom("NaN", "1e-30", "-99999999999999999999.5"))),
  },
  { type: "double precision", value: float },
  { type: "boolean", value: fc.constantFrom("true", "false") },
  { type: "text", value: quoted(oddText) },
  { type: "varchar", value: quoted(oddText) },
  { type: "char(40)", value: quoted(oddText) },
  { type: "bytea", value: bytes },
  { type: "timestamptz", value: date },
  { type: "timestamp", value: date },
  { type: "date", value: date },
  {
    type: "interval",
    value: fc
      .tuple(integer, integer)
      .map(([a, b]) => `make_interval(days => ${a} % 9999, secs => ${b})`),
  },
  { type: "uuid", value: quoted(fc.uuid()) },
  { type: "jsonb", value: json },
  { type: "json", value: json },
  { type: "inet", value: quoted(fc.oneof(fc.ipV4(), fc.ipV6())) },
  {
    type: "bit varying",
    value: fc
      .string({ unit: fc.constantFrom("0", "1"), maxLength: 70 })
      .map((bits) => `B'${bits}'`),
  },
  {
    type: "int4range",
    value: fc.tuple(fc.nat(1000), fc.nat(1000)).map(([a, b]) => `int4range(${a}, ${a + b})`),
  },
  {
    type: "point",
    value: quoted(fc.tuple(fc.integer(), fc.integer()).map(([x, y]) => `(${x},${y}.5)`)),
  },
  {
    type: "tsvector",
    value: oddText.map((text) => `to_tsvector('simple', ${quoteLiteral(text)})`),
  },
  arrayOf("int", integer),
  arrayOf("text", quoted(oddText)),
  arrayOf("bytea", bytes),
];

type Shape = "plain" | "unlogged" | "hash" | "list" | "child";

/** Makes the SQL of one table, given its schema (quoted) and a number that is its own. */
type TableMaker = (schema: string, index: number) => string;

function table(): fc.Arbitrary<TableMaker> {
  return fc
    .array(fc.tuple(name, fc.constantFrom(...columnTypes)), { maxLength: 6 })
    .chain((columns) =>
      fc
        .record({
          odd: name,
          shape: fc.constantFrom<Shape>("plain", "plain", "unlogged", "hash", "list", "child"),
          identity: fc.constantFrom("ALWAYS", "BY DEFAULT", undefined),
          generated: fc.boolean(),
          dropped: fc.boolean(),
          key: fc.boolean(),
          comment: fc.option(oddText),
          copies: fc.constantFrom(1, 1, 1, 200),
          rows: fc.array(fc.tuple(...columns.map(([, { value }]) => orNull(value))), {
            maxLength: 12,
          }),
        })
        .map((drawn) => (schema, index) => tableSql(schema, index, { ...drawn, columns })),
    );
}

interface Drawn {
  readonly odd: string;
  readonly shape: Shape;
  readonly identity: string | undefined;
  readonly generated: boolean;
  readonly dropped: boolean;
  readonly key: boolean;
  readonly comment: string | null;
  /** How often the rows are inserted. */
  readonly copies: number;
  readonly columns: readonly (readonly [string, ColumnType])[];
  readonly rows: readonly (readonly string[])[];
}

function tableSql(schema: string, index: number, drawn: Drawn): string {
  const { shape, columns, rows, copies } = drawn;
  const called = (suffix: string) =>
    `${schema}.${quoteIdentifier(`${drawn.odd}${suffix}${index}`)}`;
  const own = called("t");
  const names = columns.map(([odd], at) => quoteIdentifier(`${odd}c${at}`));
  const definitions = [
    "n bigint NOT NULL",
    ...(drawn.dropped ? ["gone text DEFAULT 'x'"] : []),
    ...columns.map(([, { type }], at) => `${names[at]} ${type}`),
    ...(drawn.identity !== undefined && (shape === "plain" || shape === "unlogged")
      ? [`serial int GENERATED ${drawn.identity} AS IDENTITY (START 7 INCREMENT 3)`]
      : []),
    ...(drawn.generated ? ["twice bigint GENERATED ALWAYS AS (n * 2) STORED"] : []),
  ].join(", ");
  const intoN = ["n", ...names].join(", ");
  const inserted = rows.map(
    (values, at) =>
      `INSERT INTO ${own} (${intoN}) SELECT ${at} + g * 100${values.map((value) => `, ${value}`).join("")} FROM generate_series(1, ${copies}) g;`,
  );
  return [
    `CREATE ${shape === "unlogged" ? "UNLOGGED " : ""}TABLE ${own} (${definitions})${partitioning(shape)};`,
    ...partsOf(shape, own, called),
    ...(drawn.dropped ? [`ALTER TABLE ${own} DROP COLUMN gone;`] : []),
    ...inserted,
    ...(drawn.key ? [`ALTER TABLE ${own} ADD PRIMARY KEY (n);`] : [`CREATE INDEX ON ${own} (n);`]),
    ...(drawn.comment === null
      ? []
      : [`COMMENT ON TABLE ${own} IS ${quoteLiteral(drawn.comment)};`]),
  ].join("\n");
}

const partitioning = (shape: Shape): string =>
  shape === "hash" ? " PARTITION BY HASH (n)" : shape === "list" ? " PARTITION BY LIST (n)" : "";

function partsOf(shape: Shape, own: string, called: (suffix: string) => string): readonly string[] {
  switch (shape) {
    case "hash":
      return [0, 1, 2].map(
        (rest) =>
          `CREATE TABLE ${called(`p${rest}_`)} PARTITION OF ${own} FOR VALUES WITH (MODULUS 3, REMAINDER ${rest});`,
      );
    case "list":
      return [
        `CREATE TABLE ${called("one")} PARTITION OF ${own} FOR VALUES IN (100, 101);`,
        `CREATE TABLE ${called("rest")} PARTITION OF ${own} DEFAULT;`,
      ];
    case "child":
      return [
        `CREATE TABLE ${called("kid")} (more text DEFAULT E'\\\\N') INHERITS (${own});`,
        `INSERT INTO ${called("kid")} (n) VALUES (1), (2);`,
      ];
    case "plain":
    case "unlogged":
      return [];
  }
}
