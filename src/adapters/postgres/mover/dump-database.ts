import { FaultError } from "../../../domain/fault.ts";
import type { DumpOutcome, DumpRequest, TransferControl } from "../../../ports/data-mover.ts";
import type { TableOfContents } from "../archive/table-of-contents.ts";
import { toFaultError } from "../translate-error.ts";
import { checkStoredArchive } from "./check-stored-archive.ts";
import { createWorkGroup, type WorkGroup } from "./concurrency.ts";
import { buildArchive } from "./dump-archive.ts";
import { planTables } from "./dump-plan.ts";
import { type DumpSnapshot, takeSnapshot } from "./dump-snapshot.ts";
import { dumpToc } from "./dump-toc.ts";
import { joinSnapshot } from "./dump-worker.ts";
import { endOwnSessions } from "./end-own-sessions.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { dumpSettings, openSession } from "./open-session.ts";
import { readSourceFacts, type SourceFacts } from "./source-facts.ts";
import type { WireSession } from "./wire-port.ts";

/** The story of a dump; each step undoes nothing by itself: on failure all is removed at once. */
export async function dumpDatabase(
  deps: MoverDependencies,
  request: DumpRequest,
  control: TransferControl,
): Promise<DumpOutcome> {
  const group = createWorkGroup(control.signal);
  const sessions: WireSession[] = [];
  try {
    const [outcome] = await group.all([runDump(deps, request, control, group, sessions)]);
    if (outcome === undefined) throw new Error("the dump ended without an outcome");
    return outcome;
  } catch (error) {
    await cleanUp(deps, request, sessions);
    if (control.signal.aborted) throw control.signal.reason;
    throw toFaultError(error, { connection: request.source, otherwise: "DumpFailed" });
  }
}

async function runDump(
  deps: MoverDependencies,
  request: DumpRequest,
  control: TransferControl,
  group: WorkGroup,
  sessions: WireSession[],
): Promise<DumpOutcome> {
  const open = async (encoding: string): Promise<WireSession> => {
    const { signal } = group;
    const { jobId, source } = request;
    const settings = dumpSettings(encoding);
    const session = await openSession(source, { jobId, signal, settings, otherwise: "DumpFailed" });
    sessions.push(session);
    let closing = false;
    const close = session.close.bind(session);
    session.close = () => {
      closing = true;
      return close();
    };
    void session.gone.then((reason) => {
      if (!closing) group.fail(reason);
    });
    return session;
  };
  const holder = await open("UTF8");
  const facts = await readSourceFacts(holder, request.source);
  await holder.execute(`SET client_encoding = '${facts.source.encoding}'`);
  const tools = await deps.tools.forVersion(facts.source.serverVersion, facts.source.server);
  if (!tools.ok) throw new FaultError(tools.error);
  const snapshot = await takeSnapshot(holder, {
    connection: request.source,
    settings: request.settings,
    serverMajor: facts.serverMajor,
    lockWaitMs: deps.lockWaitMs,
  });
  const [toc, others] = await Promise.all([
    readTocUnderSnapshot(deps, request, snapshot, group, tools.value),
    openOthers(request.settings.connections - 1, open, facts, snapshot),
  ]);
  const files = planTables(toc, snapshot.tables, {
    serverMajor: facts.serverMajor,
    connections: request.settings.connections,
  });
  const archive = await buildArchive({
    deps,
    request,
    control,
    group,
    toc,
    files,
    facts,
    snapshotId: snapshot.snapshotId,
    sessions: { holder, others },
  });
  await group.all([
    checkStoredArchive(deps, { request, archive, toc, tools: tools.value, control }),
    ...[...others, holder].map(endTransaction),
  ]);
  return {
    archive,
    source: { ...facts.source, clientVersion: tools.value.version },
    takenAt: snapshot.takenAt,
  };
}

async function endTransaction(session: WireSession): Promise<void> {
  await session.execute("COMMIT");
  await session.close();
}

function readTocUnderSnapshot(
  deps: MoverDependencies,
  request: DumpRequest,
  snapshot: DumpSnapshot,
  group: WorkGroup,
  tools: Parameters<typeof dumpToc>[0]["tools"],
): Promise<TableOfContents> {
  return dumpToc({
    tools,
    connection: request.source,
    jobId: request.jobId,
    snapshotId: snapshot.snapshotId,
    settings: request.settings,
    lockWaitMs: deps.lockWaitMs,
    signal: group.signal,
  });
}

const openOthers = (
  count: number,
  open: (encoding: string) => Promise<WireSession>,
  facts: SourceFacts,
  snapshot: DumpSnapshot,
): Promise<WireSession[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const session = await open(facts.source.encoding);
      await joinSnapshot(session, snapshot.snapshotId);
      return session;
    }),
  );

/** Nothing stays: no session on the server, no pack in the store. */
async function cleanUp(
  deps: MoverDependencies,
  request: DumpRequest,
  sessions: readonly WireSession[],
): Promise<void> {
  for (const session of sessions) session.destroy(new Error("the dump was given up"));
  // Best effort: the first failure is what the caller must hear of.
  await Promise.allSettled([
    endOwnSessions(request.source, request.jobId),
    removeFolder(deps, request.folder),
  ]);
}

async function removeFolder({ blobs }: MoverDependencies, folder: string): Promise<void> {
  const paths: string[] = [];
  for await (const { path } of blobs.list(`${folder}/`, { uncommitted: true })) paths.push(path);
  await Promise.all(paths.map((path) => blobs.delete(path)));
}
