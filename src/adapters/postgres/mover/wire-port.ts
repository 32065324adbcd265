/**
 * A logged-in connection of node-postgres whose socket we have taken over: plain queries and COPY
 * in the simple protocol, without node-postgres' copy of every row. SQL is bytes, so that names in
 * any server encoding pass unchanged. One statement at a time.
 */
export interface WireSession {
  /** Of the server's backend. */
  readonly processId: number;
  /** Runs one or more statements; answers the rows of the last one, and every command tag. */
  execute(sql: Buffer | string): Promise<WireResult>;
  /** `COPY … TO STDOUT`; statements before it in `sql` run first. Answers the number of rows. */
  copyOut(sql: Buffer | string, sink: CopySink): Promise<number>;
  /**
   * `COPY … FROM STDIN`. When `chunks` throws, the COPY is aborted and the error rethrown. A chunk
   * that is a whole buffer is emptied once it is sent.
   */
  copyIn(sql: Buffer | string, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** Says goodbye and closes. */
  close(): Promise<void>;
  /** Cuts the connection; whatever runs rejects with `reason`. */
  destroy(reason: Error): void;
  /** Resolves with the reason once the connection is gone, expected or not. */
  readonly gone: Promise<Error>;
}

export interface WireResult {
  readonly rows: readonly (readonly (Buffer | null)[])[];
  readonly tags: readonly string[];
}

/** Takes the bytes of COPY; called with views that are valid only during the call. */
export interface CopySink {
  /** Part of a row, or all of it. */
  append(chunk: Buffer, start: number, end: number): void;
  endRow(): void;
  /** After each piece off the socket; the promise, when there is one, pauses the socket. */
  endChunk(): Promise<void> | undefined;
}
