import type { BlobStore } from "../../../ports/blob-store.ts";
import type { KeyWrapper } from "../../../ports/key-wrapper.ts";
import type { ClientToolSource } from "../client-tools.ts";

/** What a data mover is made of. */
export interface MoverDependencies {
  readonly blobs: BlobStore;
  readonly tools: ClientToolSource;
  /** Absent: nothing can be encrypted, nor anything encrypted read. */
  readonly keys?: KeyWrapper;
  /** How long a dump waits for a table that somebody else has locked exclusively. */
  readonly lockWaitMs: number;
}
