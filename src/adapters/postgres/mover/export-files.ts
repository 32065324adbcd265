import { createGzip } from "node:zlib";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveFile } from "../../../domain/manifest.ts";
import type {
  ExportOutcome,
  ExportRequest,
  FileSink,
  TransferControl,
} from "../../../ports/data-mover.ts";
import { tocFileName } from "./archive-assembly.ts";
import { createWorkGroup, WorkQueue } from "./concurrency.ts";
import { propertiesFileName } from "./database-properties.ts";
import { exportReadme, readmeFileName } from "./export-readme.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { createSegmentReader, type SegmentReader } from "./segment-reader.ts";
import { segmentsOf } from "./stored-segments.ts";

/** pg_restore appends this to a data file's name by itself. */
const gzipSuffix = ".gz";
/** Speed matters more than size: these are files on their way. */
const gzipLevel = 1;

/** Writes the archive as the files of a directory that stock pg_restore reads. */
export async function exportFiles(
  deps: MoverDependencies,
  request: ExportRequest,
  sink: FileSink,
  control: TransferControl,
): Promise<ExportOutcome> {
  if (request.archive.format !== "directory") {
    throw new FaultError(
      fault("UserErrorNotSupported", { detail: "only directory archives restore as files" }),
    );
  }
  const group = createWorkGroup(control.signal);
  const reader = await createSegmentReader(deps, request, group.signal);
  const { rawBytes } = request.archive;
  // For pgvault; people have the same as a script.
  const files = request.archive.files.filter((file) => file.name !== propertiesFileName);
  let rawDone = 0;
  let written = 0;
  const writeFile = async (file: ArchiveFile): Promise<void> => {
    const raw = rawBytesOf(file, reader, (bytes) => {
      rawDone += bytes;
      control.onProgress({ bytesDone: rawDone, bytesTotal: rawBytes });
    });
    const compresses = request.compression === "gzip" && isDataFile(file.name);
    const name = compresses ? `${file.name}${gzipSuffix}` : file.name;
    const chunks = compresses ? gzipped(raw) : raw;
    await sink.write(
      name,
      counted(chunks, (bytes) => {
        written += bytes;
      }),
    );
  };
  const queue = new WorkQueue([...files].sort((a, b) => sizeOf(b) - sizeOf(a)));
  const work = async (): Promise<void> => {
    for (let file = queue.take(); file !== undefined; file = queue.take()) {
      group.signal.throwIfAborted();
      await writeFile(file);
    }
  };
  await group.all(Array.from({ length: request.connections }, work));
  // Last, so that a folder with the instructions is a complete one.
  const readme = Buffer.from(exportReadme(request));
  await sink.write(readmeFileName, onePiece(readme));
  return { files: files.length + 1, bytes: written + readme.length };
}

const sizeOf = (file: ArchiveFile): number =>
  file.segments.reduce((sum, segment) => sum + segment.rawLength, 0);

/** The table of contents and lists of large objects are looked for by their plain name. */
const isDataFile = (name: string): boolean => name !== tocFileName && name.endsWith(".dat");

async function* rawBytesOf(
  file: ArchiveFile,
  reader: SegmentReader,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of reader.raw(segmentsOf(file))) {
    onBytes(piece.length);
    yield piece;
  }
}

async function* gzipped(raw: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: gzipLevel });
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of raw) {
        if (!gzip.write(piece)) await new Promise((resolve) => gzip.once("drain", resolve));
      }
      gzip.end();
    } catch (error) {
      gzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const feeding = feed();
  yield* gzip as AsyncIterable<Uint8Array>;
  await feeding;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
