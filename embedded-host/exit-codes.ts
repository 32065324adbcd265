/** How a host child ends, as its supervisor reads it. Any other code is a crash. */
export const EXIT_CODES = {
  stopped: 0,
  /** The app or its settings cannot run: starting again would fail again. */
  unusable: 78,
  /** A function ran into its time limit: start again. */
  functionTimeout: 75,
} as const;
