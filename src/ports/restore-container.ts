import type { FileSink } from "./data-mover.ts";

/** Containers outside of the vault, into which files are restored. */
export interface RestoreContainers {
  /**
   * A sink that writes blobs `<filePrefix>/<name>` into the container at `url`: with the URL's own
   * SAS, or else as pgvault's identity. Rejects with `UserErrorContainerNotAccessible` when the URL
   * is not one that may be written to.
   */
  open(url: string, filePrefix: string): FileSink;
  /** Whether the container takes writes now; nothing stays there. */
  probe(url: string, filePrefix: string): Promise<void>;
}
