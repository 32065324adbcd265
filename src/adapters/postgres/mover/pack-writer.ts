import type { ArchivePack } from "../../../domain/manifest.ts";
import type { BlobStore } from "../../../ports/blob-store.ts";

/** Where a pack's bytes lie. */
export interface PackPlace {
  /** Index of the pack in the manifest. */
  readonly pack: number;
  readonly offset: number;
}

export interface PackSetOptions {
  readonly blobs: BlobStore;
  /** Folder of this attempt; packs are named `pack-00000` and so on below it. */
  readonly folder: string;
  readonly blockBytes: number;
  /** Blocks of one pack on their way at a time, besides the one being filled. */
  readonly blocksInFlight: number;
  readonly signal: AbortSignal;
}

/** A pack ends here and the next begins: below Azure's 50,000 blocks of one blob. */
const blocksPerPack = 40_000;
const idDigits = 6;

/** The packs of one dump. Every writer has a pack of its own, so that segments stay in one piece. */
export class PackSet {
  readonly #options: PackSetOptions;
  readonly #packs: ArchivePack[] = [];

  constructor(options: PackSetOptions) {
    this.#options = options;
  }

  newWriter(): PackWriter {
    return new PackWriter(
      this.#options,
      () => this.#reserve(),
      (index, length) => {
        this.#packs[index] = { name: packName(index), length };
      },
    );
  }

  /** In order of their index; complete when every writer is closed. */
  packs(): readonly ArchivePack[] {
    return this.#packs;
  }

  /** Every pack that may exist by now, committed or not. */
  paths(): readonly string[] {
    return this.#packs.map((pack) => `${this.#options.folder}/${pack.name}`);
  }

  #reserve(): number {
    const index = this.#packs.length;
    this.#packs.push({ name: packName(index), length: 0 });
    return index;
  }
}

export const packName = (index: number): string => `pack-${String(index).padStart(5, "0")}`;

export class PackWriter {
  readonly #options: PackSetOptions;
  readonly #reserve: () => number;
  readonly #note: (index: number, length: number) => void;
  readonly #spare: Buffer[] = [];
  readonly #uploads = new Set<Promise<void>>();
  #index: number | undefined;
  #blocks: string[] = [];
  #block: Buffer | undefined;
  #blockUsed = 0;
  #length = 0;
  #failure: Error | undefined;

  constructor(
    options: PackSetOptions,
    reserve: () => number,
    note: (index: number, length: number) => void,
  ) {
    this.#options = options;
    this.#reserve = reserve;
    this.#note = note;
  }

  /** Where the next byte goes; asked between segments, it may begin another pack. */
  async place(): Promise<PackPlace> {
    if (this.#blocks.length >= blocksPerPack) await this.close();
    this.#index ??= this.#reserve();
    return { pack: this.#index, offset: this.#length };
  }

  /** Copies the bytes. Call `ready` between appends: it holds the writer back. */
  append(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      this.#block ??= this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#options.blockBytes);
      const copied = bytes.copy(this.#block, this.#blockUsed, from);
      from += copied;
      this.#blockUsed += copied;
      if (this.#blockUsed === this.#block.length) this.#stage();
    }
    this.#length += bytes.length;
  }

  /** Resolves when few enough blocks are on their way; rejects when one of them failed. */
  async ready(): Promise<void> {
    while (this.#uploads.size > this.#options.blocksInFlight && this.#failure === undefined) {
      await Promise.race(this.#uploads);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Commits the pack, when there is one. */
  async close(): Promise<void> {
    if (this.#index === undefined) return;
    if (this.#blockUsed > 0) this.#stage();
    await Promise.all(this.#uploads);
    if (this.#failure !== undefined) throw this.#failure;
    const { blobs, folder, signal } = this.#options;
    signal.throwIfAborted();
    // `exists` is our own commit whose reply was lost: the folder belongs to this attempt alone.
    await blobs.commitBlocks(`${folder}/${packName(this.#index)}`, this.#blocks, {
      onlyIfAbsent: true,
      contentType: "application/octet-stream",
    });
    this.#note(this.#index, this.#length);
    this.#index = undefined;
    this.#blocks = [];
    this.#length = 0;
  }

  /** Resolves when nothing is on its way any more, whatever became of it. */
  async quiet(): Promise<void> {
    await Promise.all(this.#uploads);
  }

  #stage(): void {
    const block = this.#block;
    if (block === undefined || this.#index === undefined) return;
    const { blobs, folder, signal } = this.#options;
    const id = String(this.#blocks.length).padStart(idDigits, "0");
    this.#blocks.push(id);
    // Not a Buffer, whose `slice` would give a store that keeps the body a view of our reused block.
    const body = new Uint8Array(block.buffer, block.byteOffset, this.#blockUsed);
    const upload: Promise<void> = blobs
      .stageBlock(`${folder}/${packName(this.#index)}`, id, body, signal)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .then(() => {
        this.#uploads.delete(upload);
        this.#spare.push(block);
      });
    this.#uploads.add(upload);
    this.#block = undefined;
    this.#blockUsed = 0;
  }
}
