import type { Fault } from "../../../domain/fault.ts";
import { largeObjectGrants, readEverything } from "../grants/grant-blocks.ts";
import { qualifiedName, quoteIdentifier, readableName } from "../sql-text.ts";
import { type Coordinates, missingRights } from "../translate-error.ts";
import { type MissingRight, namedPerSchema } from "./missing-rights-query.ts";

/** Findings told one by one at most; the last one speaks for the rest. */
export const findingsLimit = 500;

/** One finding per object, or per schema where there are more than `namedPerSchema` of a kind. */
export function missingRightsFaults(
  rights: readonly MissingRight[],
  connection: Coordinates,
  serverMajor: number,
): readonly Fault[] {
  const groups = Map.groupBy(rights, (right) => `${right.kind} ${right.schema}`);
  const findings = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const many = first.kind !== "schema" && first.total > namedPerSchema;
    return many
      ? [describeMany(group, first, connection.user)]
      : group.map((right) => describe(right, connection.user));
  });
  const told = findings.length > findingsLimit ? findings.slice(0, findingsLimit - 1) : findings;
  const rest = findings.length - told.length;
  const all = rest === 0 ? told : [...told, describeRest(rest, connection.user, serverMajor)];
  return all.map((finding) =>
    missingRights(finding.detail, { connection, otherwise: "DumpFailed", object: finding.object }, [
      finding.statement,
      ...(serverMajor >= 14 && finding.readAllHelps
        ? [`Or, for all tables, sequences and schemas at once: ${readEverything(connection.user)}`]
        : []),
    ]),
  );
}

interface Finding {
  readonly object: string;
  readonly detail: string;
  readonly statement: string;
  readonly readAllHelps: boolean;
}

function describe(right: MissingRight, role: string): Finding {
  const { kind, schema, name, owner, extension } = right;
  const to = quoteIdentifier(role);
  const readable = readableName(schema, name);
  const what = extension === undefined ? "" : `, configuration of extension ${extension},`;
  switch (kind) {
    case "schema":
      return {
        object: `schema ${readableName(name)}`,
        detail: `USAGE on schema ${readableName(name)} (owner ${owner}) is missing: pg_dump can reach no table in it`,
        statement: `GRANT USAGE ON SCHEMA ${quoteIdentifier(name)} TO ${to};`,
        readAllHelps: true,
      };
    case "table":
      return {
        object: `table ${readable}`,
        detail: `SELECT on table ${readable}${what} (owner ${owner}) is missing: pg_dump locks and reads every table and stops at the first that it may not`,
        statement: `GRANT SELECT ON TABLE ${qualifiedName(schema, name)} TO ${to};`,
        readAllHelps: true,
      };
    case "sequence":
      return {
        object: `sequence ${readable}`,
        detail: `SELECT on sequence ${readable}${what} (owner ${owner}) is missing: pg_dump reads where every sequence stands`,
        statement: `GRANT SELECT ON SEQUENCE ${qualifiedName(schema, name)} TO ${to};`,
        readAllHelps: true,
      };
    case "rowSecurity":
      return {
        object: `table ${readable}`,
        detail: `row-level security of table ${readable} (owner ${owner}) hides rows from the role: pg_dump refuses to dump a part of a table`,
        statement: `ALTER ROLE ${to} BYPASSRLS;`,
        readAllHelps: false,
      };
    case "largeObject":
      return {
        object: `large object ${name}`,
        detail: `SELECT on large object ${name} (owner ${owner}) is missing: pg_dump reads every large object`,
        statement: `GRANT SELECT ON LARGE OBJECT ${name} TO ${to};`,
        readAllHelps: false,
      };
  }
}

function describeMany(group: readonly MissingRight[], first: MissingRight, role: string): Finding {
  const to = quoteIdentifier(role);
  const within = quoteIdentifier(first.schema);
  const place = `schema ${readableName(first.schema)}`;
  const names = group
    .slice(0, 5)
    .map((right) => right.name)
    .join(", ");
  const count = `${first.total}`;
  switch (first.kind) {
    case "schema":
    case "table":
      return {
        object: `tables of ${place}`,
        detail: `SELECT is missing on ${count} tables of ${place}, among them ${names}`,
        statement: `GRANT SELECT ON ALL TABLES IN SCHEMA ${within} TO ${to};`,
        readAllHelps: true,
      };
    case "sequence":
      return {
        object: `sequences of ${place}`,
        detail: `SELECT is missing on ${count} sequences of ${place}, among them ${names}`,
        statement: `GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${within} TO ${to};`,
        readAllHelps: true,
      };
    case "rowSecurity":
      return {
        object: `tables of ${place}`,
        detail: `row-level security of ${count} tables of ${place} hides rows from the role, among them ${names}`,
        statement: `ALTER ROLE ${to} BYPASSRLS;`,
        readAllHelps: false,
      };
    case "largeObject":
      return {
        object: "large objects",
        detail: `SELECT is missing on ${count} large objects, among them ${names}`,
        statement: largeObjectGrants(role),
        readAllHelps: false,
      };
  }
}

const describeRest = (rest: number, role: string, serverMajor: number): Finding => ({
  object: "further objects",
  detail: `at least ${rest} further findings of these kinds are not listed`,
  statement: readEverything(role, serverMajor),
  readAllHelps: false,
});
