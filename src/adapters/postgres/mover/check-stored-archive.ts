import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveManifest } from "../../../domain/manifest.ts";
import type { DumpRequest, TransferControl } from "../../../ports/data-mover.ts";
import type { TableOfContents } from "../archive/table-of-contents.ts";
import { succeeded } from "../child-process.ts";
import type { ClientTools } from "../client-tools.ts";
import { runTool } from "../run-tool.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { createSegmentReader } from "./segment-reader.ts";
import { withTocFolder } from "./toc-folder.ts";

export interface CheckOptions {
  readonly request: DumpRequest;
  readonly archive: ArchiveManifest;
  readonly toc: TableOfContents;
  readonly tools: ClientTools;
  readonly control: TransferControl;
}

const listTimeoutMs = 120_000;

/** What was stored is read back: the packs' lengths, and the table of contents by pg_restore. */
export async function checkStoredArchive(
  deps: MoverDependencies,
  { request, archive, toc, tools, control }: CheckOptions,
): Promise<void> {
  const refuse = (detail: string): FaultError =>
    new FaultError(fault("DumpFailed", { database: request.source.database, detail }));
  for (const pack of archive.packs) {
    const stored = await deps.blobs.properties(`${request.folder}/${pack.name}`);
    if (stored?.lengthBytes !== pack.length) {
      const found = stored === undefined ? "is absent" : `has ${stored.lengthBytes} bytes`;
      throw refuse(`pack ${pack.name} ${found} after ${pack.length} bytes were committed`);
    }
  }
  const stored = { recoveryPointId: request.jobId, folder: request.folder, archive };
  const reader = await createSegmentReader(deps, stored, control.signal);
  await withTocFolder(reader, stored, async (folder) => {
    const result = await runTool({
      file: tools.pgRestore,
      args: ["--list", folder],
      signal: control.signal,
      timeoutMs: listTimeoutMs,
    });
    control.signal.throwIfAborted();
    const count = /^;\s+TOC Entries: (\d+)$/m.exec(result.stdout)?.[1];
    if (succeeded(result) && Number(count) === toc.entries.length) return;
    throw refuse(
      `pg_restore lists ${count ?? "no"} of ${toc.entries.length} entries: ${result.stderrTail.trim()}`,
    );
  });
}
