import { type DatabaseConnection, serverLabel } from "../../../domain/connection.ts";
import type { DumpOutcome } from "../../../ports/data-mover.ts";
import { majorOf, versionText } from "../server-version.ts";
import {
  propertiesFileName,
  propertiesScriptName,
  readDatabaseProperties,
} from "./database-properties.ts";
import { databaseScript } from "./database-statements.ts";
import { readRoles, rolesFileName } from "./source-roles.ts";
import type { WireSession } from "./wire-port.ts";

/** What a dump must know of its source before it begins. */
export interface SourceFacts {
  readonly source: Omit<DumpOutcome["source"], "clientVersion">;
  readonly serverMajor: number;
  readonly largeObjectBytes: number;
  /** What lies beside the dump, by file name: the database's properties, and roles to be made. */
  readonly textFiles: ReadonlyMap<string, string>;
}

export async function readSourceFacts(
  session: WireSession,
  connection: DatabaseConnection,
): Promise<SourceFacts> {
  const version = await session.execute("SHOW server_version_num");
  const serverVersion = versionText(Number(version.rows[0]?.[0]?.toString()));
  const serverMajor = majorOf(serverVersion);
  const { rows } = await session.execute(factsSql(serverMajor));
  const text = (index: number): string => rows[0]?.[index]?.toString("utf8") ?? "";
  const provider = text(5);
  const locale = text(6);
  return {
    serverMajor,
    largeObjectBytes: Number(text(4)),
    textFiles: await readTextFiles(session),
    source: {
      server: serverLabel(connection),
      database: connection.database,
      serverVersion,
      encoding: text(0),
      collate: text(1),
      ctype: text(2),
      databaseBytes: Number(text(3)),
      extensions: await readExtensions(session),
      tablespaces: await readTablespaces(session),
      ...(provider === "" ? {} : { localeProvider: provider }),
      ...(locale === "" ? {} : { icuLocale: locale }),
    },
  };
}

async function readTextFiles(session: WireSession): Promise<ReadonlyMap<string, string>> {
  const properties = await readDatabaseProperties(session);
  return new Map([
    [rolesFileName, await readRoles(session)],
    [propertiesFileName, JSON.stringify(properties)],
    [propertiesScriptName, databaseScript(properties)],
  ]);
}

async function readExtensions(session: WireSession) {
  const { rows } = await session.execute(
    "SELECT extname, extversion FROM pg_catalog.pg_extension ORDER BY extname",
  );
  return rows.map((row) => ({
    name: row[0]?.toString("utf8") ?? "",
    version: row[1]?.toString("utf8") ?? "",
  }));
}

/** Those named by a table or index; the database's own default has no entry in pg_class. */
async function readTablespaces(session: WireSession): Promise<readonly string[]> {
  const { rows } = await session.execute(
    `SELECT DISTINCT t.spcname FROM pg_catalog.pg_class c
     JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
     WHERE c.oid >= 16384 AND t.spcname NOT IN ('pg_default', 'pg_global') ORDER BY 1`,
  );
  return rows.map((row) => row[0]?.toString("utf8") ?? "");
}

function factsSql(serverMajor: number): string {
  const provider =
    serverMajor >= 15
      ? "CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END"
      : "''";
  const locale = serverMajor >= 17 ? "d.datlocale" : serverMajor >= 15 ? "d.daticulocale" : "''";
  return `
    SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
      pg_catalog.pg_database_size(d.oid),
      pg_catalog.pg_table_size('pg_catalog.pg_largeobject'), ${provider}, ${locale}
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;
}
