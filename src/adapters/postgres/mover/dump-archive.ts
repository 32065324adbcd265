import { FaultError } from "../../../domain/fault.ts";
import type { ArchiveManifest, ArchiveSegment } from "../../../domain/manifest.ts";
import type { DumpRequest, TransferControl } from "../../../ports/data-mover.ts";
import { type TableOfContents, writeDirectoryToc } from "../archive/table-of-contents.ts";
import {
  hasLargeObjects,
  largeObjectLists,
  tableArchiveFile,
  tableTrailer,
  tocFileName,
  toDirectoryToc,
} from "./archive-assembly.ts";
import { type ArchiveCipher, createArchiveCipher, noKeys } from "./archive-cipher.ts";
import { type WorkGroup, WorkQueue } from "./concurrency.ts";
import type { TableFile } from "./dump-plan.ts";
import {
  type DumpTask,
  type DumpWorkContext,
  type DumpWorker,
  type LargeObjectTask,
  runTask,
  type TableTask,
} from "./dump-worker.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { PackSet } from "./pack-writer.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { SlabSink } from "./slab-sink.ts";
import type { SourceFacts } from "./source-facts.ts";
import { createTransferMeter } from "./transfer-meter.ts";
import { blockBytesFor, blocksInFlightFor, segmentBytesFor } from "./transfer-sizes.ts";
import type { WireSession } from "./wire-port.ts";

export interface BuildOptions {
  readonly deps: MoverDependencies;
  readonly request: DumpRequest;
  readonly control: TransferControl;
  readonly group: WorkGroup;
  readonly toc: TableOfContents;
  readonly files: readonly TableFile[];
  readonly facts: SourceFacts;
  readonly snapshotId: string;
  readonly sessions: { readonly holder: WireSession; readonly others: readonly WireSession[] };
}

/** Reads all data into packs and answers the manifest's archive; every pack is committed then. */
export async function buildArchive(options: BuildOptions): Promise<ArchiveManifest> {
  const { deps, request, group, toc, files, facts } = options;
  const { databaseBytes } = facts.source;
  const segmentBytes = segmentBytesFor(databaseBytes);
  const packs = new PackSet({
    blobs: deps.blobs,
    folder: request.folder,
    blockBytes: blockBytesFor(databaseBytes, request.settings.connections),
    blocksInFlight: blocksInFlightFor(request.settings.connections),
    signal: group.signal,
  });
  const { compression, compressionLevel, encryptionKeyId } = request.settings;
  const cipher = await cipherFor(deps, encryptionKeyId);
  const worker = (session: WireSession, isHolder: boolean): DumpWorker => ({
    session,
    isHolder,
    writer: new SegmentWriter(packs.newWriter(), { compression }, compressionLevel, cipher),
    sink: new SlabSink(segmentBytes),
  });
  const holder = worker(options.sessions.holder, true);
  const others = options.sessions.others.map((session) => worker(session, false));
  const workers = [holder, ...others];
  try {
    const tasks = listTasks(toc, files, facts);
    const trailer = await firstOf(holder.writer.writeFile(tableTrailer, segmentBytes));
    await runTasks(options, tasks, holder, others);
    const tocBytes = writeDirectoryToc(toDirectoryToc(toc));
    const tocSegments = await holder.writer.writeFile(tocBytes, segmentBytes);
    const largeObjects = tasks.flatMap((task) => (task.kind === "large-objects" ? task.files : []));
    const texts = [];
    for (const [name, text] of [...facts.textFiles, ...largeObjectListsOf(toc, largeObjects)]) {
      const segments = await holder.writer.writeFile(Buffer.from(text), segmentBytes);
      texts.push({ name, segments });
    }
    await group.all(workers.map(({ writer }) => writer.close()));
    const resultsOf = resultsByFile(tasks);
    const allFiles = [
      { name: tocFileName, segments: tocSegments },
      ...files.map((file) =>
        tableArchiveFile(file, resultsOf(file), trailer, facts.source.encoding),
      ),
      ...texts,
      ...largeObjects,
    ];
    const archive: ArchiveManifest = {
      format: "directory",
      compression,
      packs: packs.packs(),
      files: allFiles,
      storedBytes: packs.packs().reduce((sum, pack) => sum + pack.length, 0),
      rawBytes: allFiles
        .flatMap((file) => file.segments)
        .reduce((sum, segment) => sum + segment.rawLength, 0),
    };
    return cipher === undefined ? archive : { ...archive, encryption: cipher.describe(archive) };
  } catch (error) {
    group.fail(error);
    await Promise.all(workers.map(({ writer }) => writer.abandon()));
    throw error;
  }
}

/** To ask for encryption without a keeper of keys is an error, never a plain backup. */
async function cipherFor(
  { keys }: MoverDependencies,
  keyId: string | undefined,
): Promise<ArchiveCipher | undefined> {
  if (keyId === undefined) return undefined;
  if (keys === undefined) throw new FaultError(noKeys(keyId));
  return createArchiveCipher(keys, keyId);
}

/** Largest first, so that no connection is left with a big table at the end. */
function listTasks(
  toc: TableOfContents,
  files: readonly TableFile[],
  facts: SourceFacts,
): readonly DumpTask[] {
  const tables: TableTask[] = files.flatMap((file) =>
    file.parts.map((part) => ({
      kind: "table" as const,
      file,
      part,
      bytes: part.bytes,
      result: { segments: [], rows: 0 },
    })),
  );
  const largeObjects: LargeObjectTask[] = hasLargeObjects(toc)
    ? [{ kind: "large-objects", bytes: facts.largeObjectBytes, files: [] }]
    : [];
  return [...tables, ...largeObjects].toSorted((a, b) => b.bytes - a.bytes);
}

async function runTasks(
  { request, control, group, snapshotId }: BuildOptions,
  tasks: readonly DumpTask[],
  holder: DumpWorker,
  others: readonly DumpWorker[],
): Promise<void> {
  const queue = new WorkQueue(tasks);
  const meter = createTransferMeter(control, tasks);
  const context: DumpWorkContext = {
    connection: request.source,
    snapshotId,
    onBytes: (bytes) => meter.add(bytes),
  };
  const leftToHolder: DumpTask[] = [];
  const work = async (worker: DumpWorker): Promise<void> => {
    for (let task = queue.take(); task !== undefined; task = queue.take()) {
      group.signal.throwIfAborted();
      if ((await runTask(worker, task, context)) === "busy") leftToHolder.push(task);
      else meter.taskDone(task);
    }
  };
  await group.all([holder, ...others].map(work));
  for (const task of leftToHolder) {
    await runTask(holder, task, context);
    meter.taskDone(task);
  }
}

/** In the order of the parts, whoever read them. */
function resultsByFile(tasks: readonly DumpTask[]) {
  const byPart = new Map(
    tasks.flatMap((task) => (task.kind === "table" ? [[task.part, task.result] as const] : [])),
  );
  return (file: TableFile) => file.parts.flatMap((part) => byPart.get(part) ?? []);
}

const largeObjectListsOf = (
  toc: TableOfContents,
  files: Parameters<typeof largeObjectLists>[1],
): ReadonlyMap<string, string> =>
  hasLargeObjects(toc) ? largeObjectLists(toc, files) : new Map<string, string>();

async function firstOf(segments: Promise<readonly ArchiveSegment[]>): Promise<ArchiveSegment> {
  const [first] = await segments;
  if (first === undefined) throw new Error("nothing was written");
  return first;
}
