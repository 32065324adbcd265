import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DatabaseAddress } from "../compare-databases.ts";

const run = promisify(execFile);
const outputLimitBytes = 256 * 1024 * 1024;

/** pg_dump introduces each object with this line, between two lines that are just `--`. */
const header = /^-- Name: (.*); Type: (.*); Schema: (.*); Owner: .*$/;
const objectBoundary = /\n--\n(?=-- Name: )/;
/** Differ from run to run, or from one client to another, or stand wherever the order puts them. */
const meaningless =
  /^(--|-- PostgreSQL database dump.*|-- Dumped (from|by) .*|\\(un)?restrict .*|SET default_.*|\s*)$/;

/** Every object's definition by type and name, as `pg_dump --schema-only` writes it. */
export async function readSchemaObjects(
  address: DatabaseAddress,
  binDir: string,
): Promise<Map<string, string>> {
  const args = ["--schema-only", "--no-owner", "--no-privileges", "--no-password"];
  const { stdout } = await run(join(binDir, "pg_dump"), args, {
    env: {
      PGHOST: address.host,
      PGPORT: String(address.port),
      PGUSER: address.user,
      PGPASSWORD: address.password,
      PGDATABASE: address.database,
      PGCLIENTENCODING: "UTF8",
    },
    maxBuffer: outputLimitBytes,
  });
  return parseSchemaDump(stdout);
}

/** What precedes the first object is named `settings`; objects that share a header are joined. */
export function parseSchemaDump(dump: string): Map<string, string> {
  const definitions = Map.groupBy(dump.split(objectBoundary), (part) => {
    const [, name, type, schema] = header.exec(part.slice(0, part.indexOf("\n"))) ?? [];
    return name === undefined ? "settings" : `${type} ${schema === "-" ? "" : `${schema}.`}${name}`;
  });
  return new Map(
    [...definitions].map(([key, parts]) => [key, parts.map(normalise).sort().join("\n")]),
  );
}

function normalise(part: string): string {
  return part
    .split("\n")
    .filter((line) => !meaningless.test(line) && !header.test(line))
    .join("\n");
}
