import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Who a child process runs as; empty: as this process. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: root lends it `postgres`, or `nobody` where that is missing. */
export async function unprivilegedAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf(name, "-u"), idOf(name, "-g")]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    "PostgreSQL may not run as root, and there is neither a user 'postgres' nor 'nobody'. Run this as another user.",
  );
}

async function idOf(name: string, which: "-u" | "-g"): Promise<number | undefined> {
  try {
    const { stdout } = await run("id", [which, name]);
    return Number(stdout);
  } catch {
    // No such user.
    return undefined;
  }
}
