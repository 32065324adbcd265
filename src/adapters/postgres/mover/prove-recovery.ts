import { FaultError, fault } from "../../../domain/fault.ts";
import type {
  Proof,
  ProvenTable,
  RestoreRequest,
  TransferControl,
} from "../../../ports/data-mover.ts";
import { parseCopyStatement } from "../archive/copy-statement.ts";
import { toFaultError } from "../translate-error.ts";
import { tocFileName } from "./archive-assembly.ts";
import { createWorkGroup, WorkQueue } from "./concurrency.ts";
import { isTableData, tableFileName } from "./dump-plan.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { openSession, restoreSettings } from "./open-session.ts";
import { restoreDatabase } from "./restore-database.ts";
import { createSegmentReader } from "./segment-reader.ts";
import { dropIfOurs, withAdmin } from "./target-database.ts";
import { parseToc, readSmallFile } from "./toc-folder.ts";
import type { WireSession } from "./wire-port.ts";

interface Wanted {
  readonly schema: string;
  readonly name: string;
  readonly relation: Buffer;
  readonly rows: number;
}

/** Restores, counts afresh in the scratch database, and drops it. */
export async function proveRecovery(
  deps: MoverDependencies,
  request: RestoreRequest,
  options: { readonly checksums: boolean },
  control: TransferControl,
): Promise<Proof> {
  const { target, jobId } = request;
  const restored = await restoreDatabase(deps, whole(request), control, withoutProperties);
  try {
    const wanted = await tablesOf(deps, request, control);
    const { tables, serverVersion } = await inspect(request, wanted, options, control);
    return {
      tables,
      serverVersion,
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: restored.bytes,
      warnings: restored.warnings,
    };
  } catch (error) {
    throw toFaultError(error, { connection: target, otherwise: "RestoreFailed" });
  } finally {
    await withAdmin(target, { jobId }, (client) => dropIfOurs(client, target.database, jobId));
  }
}

/** A limit on connections, a time limit or a library that is missing there would stop the counting. */
const withoutProperties = async (): Promise<readonly string[]> => [];

/** A part would prove nothing of the rest. */
function whole(request: RestoreRequest): RestoreRequest {
  const { onlySchemas: _schemas, onlyTables: _tables, ...settings } = request.settings;
  return { ...request, settings: { ...settings, schemaOnly: false } };
}

async function tablesOf(
  deps: MoverDependencies,
  request: RestoreRequest,
  { signal }: TransferControl,
): Promise<readonly Wanted[]> {
  const reader = await createSegmentReader(deps, request, signal);
  const bytes = await readSmallFile(reader, request, tocFileName);
  const files = new Map(request.archive.files.map((file) => [file.name, file]));
  return parseToc(bytes, request.recoveryPointId).entries.flatMap((entry) => {
    const file = files.get(tableFileName(entry.catalogOid?.toString("latin1") ?? ""));
    if (!isTableData(entry) || entry.copyStatement === null || file?.table === undefined) return [];
    const { relation } = parseCopyStatement(entry.copyStatement);
    return [{ ...file.table, relation, rows: file.rows ?? 0 }];
  });
}

async function inspect(
  request: RestoreRequest,
  wanted: readonly Wanted[],
  options: { readonly checksums: boolean },
  control: TransferControl,
): Promise<{ tables: readonly ProvenTable[]; serverVersion: string }> {
  const { target, jobId, source } = request;
  const group = createWorkGroup(control.signal);
  const queue = new WorkQueue(wanted);
  const tables: ProvenTable[] = [];
  let serverVersion = "";
  const work = async (): Promise<void> => {
    const session = await openSession(target, {
      jobId,
      signal: group.signal,
      otherwise: "RestoreFailed",
      settings: restoreSettings(source.encoding),
    });
    const version = await session.execute("SHOW server_version");
    serverVersion = version.rows[0]?.[0]?.toString("latin1") ?? "";
    for (let table = queue.take(); table !== undefined; table = queue.take()) {
      tables.push(await examine(session, table, options.checksums, target.database));
    }
    await session.close();
  };
  await group.all(Array.from({ length: request.settings.connections }, work));
  const key = (table: ProvenTable): string => `${table.schema}.${table.name}`;
  return { tables: tables.toSorted((a, b) => key(a).localeCompare(key(b))), serverVersion };
}

async function examine(
  session: WireSession,
  table: Wanted,
  hashes: boolean,
  database: string,
): Promise<ProvenTable> {
  const checksum = hashes
    ? ', coalesce(pg_catalog.sum(pg_catalog.hashtextextended(whole::pg_catalog.text COLLATE "C", 0)), 0)'
    : "";
  const sql = [`SELECT pg_catalog.count(*)${checksum} FROM ONLY `, " AS whole"] as const;
  const { rows } = await session.execute(
    Buffer.concat([Buffer.from(sql[0]), table.relation, Buffer.from(sql[1])]),
  );
  const [count, hash] = (rows[0] ?? []).map((value) => value?.toString("latin1"));
  if (Number(count) !== table.rows) {
    const label = `${table.schema}.${table.name}`;
    const detail = `table ${label} has ${count} rows in the scratch database, ${table.rows} were dumped`;
    throw new FaultError(
      fault("RestoreFailed", { database, detail }, { target: `table ${label}` }),
    );
  }
  const { schema, name } = table;
  return { schema, name, rows: table.rows, ...(hash === undefined ? {} : { checksum: hash }) };
}
