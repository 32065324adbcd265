import { serverLabel } from "../../../domain/connection.ts";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { RestoreOutcome, RestoreRequest, TransferControl } from "../../../ports/data-mover.ts";
import type { ClientTools } from "../client-tools.ts";
import { markStatement } from "../restore-marker.ts";
import { majorOf } from "../server-version.ts";
import { toFaultError } from "../translate-error.ts";
import { checkRestored } from "./check-restored.ts";
import { createWorkGroup, type WorkGroup } from "./concurrency.ts";
import { decodeText } from "./encoding.ts";
import { endOwnSessions } from "./end-own-sessions.ts";
import { holdOffAutovacuum } from "./hold-off-autovacuum.ts";
import { compareRows, loadData } from "./load-data.ts";
import { isLargeObject } from "./load-large-objects.ts";
import { type LargeObjectsTask, type LoadTask, planLoad } from "./load-plan.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { openSession, restoreSettings } from "./open-session.ts";
import { splitPostData } from "./post-data-phases.ts";
import { restoreProperties } from "./restore-properties.ts";
import { type RestoreSelection, selectEntries } from "./restore-selection.ts";
import { runPgRestore } from "./run-pg-restore.ts";
import { createSegmentReader, type SegmentReader } from "./segment-reader.ts";
import { createTarget, dropIfOurs, withAdmin } from "./target-database.ts";
import { parseToc, withTocFolder } from "./toc-folder.ts";
import { createTransferMeter } from "./transfer-meter.ts";
import { checkUnread } from "./unread-segments.ts";
import type { WireSession } from "./wire-port.ts";

/** Between pg_restore's pre-data and post-data the rows come straight from the blobs, in parallel. */
export async function restoreDatabase(
  deps: MoverDependencies,
  request: RestoreRequest,
  control: TransferControl,
  finish = restoreProperties,
): Promise<RestoreOutcome> {
  const { target, jobId, source } = request;
  const options = { jobId, signal: control.signal, otherwise: "RestoreFailed" as const };
  const tools = await toolsFor(deps, request, control);
  const group = createWorkGroup(control.signal);
  const reader = await createSegmentReader(deps, request, group.signal);
  await withAdmin(target, options, (client) => createTarget(client, target, jobId, source));
  const sessions: WireSession[] = [];
  try {
    const [outcome] = await group.all([fill(reader, request, control, group, sessions, tools)]);
    if (outcome === undefined) throw new Error("the restore ended without an outcome");
    // A synchronous commit makes durable what the workers wrote without waiting for the disk.
    await withAdmin(target, options, (client) =>
      client.query(markStatement(target.database, jobId)),
    );
    const refusals = await finish(reader, request, control.signal);
    return { ...outcome, warnings: [...outcome.warnings, ...refusals] };
  } catch (error) {
    await cleanUp(request, sessions);
    if (control.signal.aborted) throw control.signal.reason;
    throw toFaultError(error, { connection: target, otherwise: "RestoreFailed" });
  }
}

/**
 * pg_restore of the target's major version, or of the archive's when that is higher. Where none of
 * the target's is installed, the archive's does: pg_restore accepts servers newer than itself, and
 * readiness asks for no more.
 */
async function toolsFor(
  { tools }: MoverDependencies,
  { target, jobId, source }: RestoreRequest,
  control: TransferControl,
): Promise<ClientTools> {
  const server = serverLabel(target);
  const options = { jobId, signal: control.signal };
  const version = await withAdmin(target, options, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version ?? "";
  });
  if (majorOf(version) < majorOf(source.serverVersion)) {
    throw new FaultError(
      fault(
        "UserErrorRestoreToLowerVersion",
        { source: source.serverVersion, server, target: version },
        { target: server },
      ),
    );
  }
  if (majorOf(version) > majorOf(source.clientVersion)) {
    const ofTarget = await tools.forVersion(version, server);
    if (ofTarget.ok) return ofTarget.value;
  }
  const ofArchive = await tools.forVersion(source.clientVersion, server);
  if (!ofArchive.ok) throw new FaultError(ofArchive.error);
  return ofArchive.value;
}

function fill(
  reader: SegmentReader,
  request: RestoreRequest,
  control: TransferControl,
  group: WorkGroup,
  sessions: WireSession[],
  tools: ClientTools,
): Promise<RestoreOutcome> {
  const { settings, source, target, jobId } = request;
  const { signal } = group;
  return withTocFolder(reader, request, async (folder, bytes) => {
    const toc = parseToc(bytes, request.recoveryPointId);
    const selection = selectEntries(toc, settings, (name) => decodeText(name, source.encoding));
    const tasks = planTasks(request, selection);
    const run = { tools, target, jobId, settings, folder, signal };
    const warnings = [...selection.warnings];
    const preData = { phase: "pre-data", jobs: 1, dumpIds: selection.preData };
    warnings.push(...(await runPgRestore({ ...run, ...preData })));
    const meter = createTransferMeter(control, tasks);
    const guard = await openOne(request, group, sessions);
    await holdOffAutovacuum(guard, tasks);
    const loaders = await group.all(
      Array.from({ length: settings.connections }, () => openOne(request, group, sessions)),
    );
    const rows = await loadData(tasks, { request, group, reader, meter, sessions: loaders });
    await checkUnread(request, tasks, reader);
    const files = filesOf(request, selection);
    compareRows(files, rows, target.database);
    await Promise.all([guard, ...loaders].map((session) => session.close()));
    for (const { name: phase, dumpIds, isParallel } of splitPostData(toc, selection.postData)) {
      const jobs = isParallel ? settings.connections : 1;
      warnings.push(...(await runPgRestore({ ...run, phase, jobs, dumpIds })));
    }
    const checker = await openOne(request, group, sessions);
    await checkRestored(checker, selection.promised, target.database);
    await checker.close();
    return {
      tables: files.length,
      rows: [...rows.values()].reduce((sum, count) => sum + count, 0),
      bytes: meter.bytes,
      warnings,
    };
  });
}

function planTasks(
  { archive, recoveryPointId }: RestoreRequest,
  selection: RestoreSelection,
): readonly (LoadTask | LargeObjectsTask)[] {
  const { tasks, missing } = planLoad(selection.tables, archive);
  if (missing.length > 0) {
    const detail = `its manifest lists no ${missing.slice(0, 5).join(", ")}`;
    throw new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint: recoveryPointId, detail }));
  }
  if (!selection.largeObjects) return tasks;
  const files = archive.files.filter(isLargeObject);
  const bytes = files
    .flatMap((file) => file.segments)
    .reduce((sum, segment) => sum + segment.rawLength, 0);
  return [{ kind: "large-objects", files, bytes }, ...tasks];
}

const filesOf = ({ archive }: RestoreRequest, { tables }: RestoreSelection) => {
  const names = new Set(tables.map((entry) => `t${entry.catalogOid?.toString("latin1")}.dat`));
  return archive.files.filter((file) => names.has(file.name));
};

async function openOne(
  { target, jobId, source }: RestoreRequest,
  { signal }: WorkGroup,
  sessions: WireSession[],
): Promise<WireSession> {
  const session = await openSession(target, {
    jobId,
    signal,
    otherwise: "RestoreFailed",
    settings: restoreSettings(source.encoding),
  });
  sessions.push(session);
  return session;
}

/** The created database goes, and nothing else. */
async function cleanUp(request: RestoreRequest, sessions: readonly WireSession[]): Promise<void> {
  const { target, jobId } = request;
  for (const session of sessions) session.destroy(new Error("the restore was given up"));
  // Best effort: the first failure is what the caller must hear of.
  await endOwnSessions(target, jobId).catch(() => {});
  await withAdmin(target, {}, (client) => dropIfOurs(client, target.database, jobId)).catch(
    () => {},
  );
}
