/** Writes a readable account of what happened, each step with the time that it took. */
export interface Account {
  /** Runs one step; its line tells what `describe` makes of the outcome. */
  step<T>(title: string, work: () => Promise<T>, describe?: (outcome: T) => string): Promise<T>;
  /** What a running step has to tell; overwritten in a terminal, left out of a log file. */
  progress(text: string): void;
  line(text?: string): void;
}

const titleWidth = 34;
const outcomeWidth = 62;

export function createAccount(out: NodeJS.WriteStream): Account {
  const clear = () => (out.isTTY ? out.write("\r\x1b[2K") : true);
  return {
    async step(title, work, describe = () => "") {
      const startedAt = performance.now();
      if (out.isTTY) out.write(`  …  ${title}`);
      try {
        const outcome = await work();
        clear();
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
        out.write(`  ok ${seconds} s  ${title.padEnd(titleWidth)} ${describe(outcome)}\n`);
        return outcome;
      } catch (error) {
        clear();
        out.write(`  FAILED     ${title}\n`);
        throw error;
      }
    },
    progress(text) {
      if (out.isTTY) out.write(`\r\x1b[2K  …  ${text.slice(0, titleWidth + outcomeWidth)}`);
    },
    line(text = "") {
      out.write(`${text}\n`);
    },
  };
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
