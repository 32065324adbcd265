/** Time and identity from outside; injectable so that a year passes in a test's second. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export interface IdSource {
  /** A fresh GUID, lower-case, with dashes. */
  newGuid(): string;
}
