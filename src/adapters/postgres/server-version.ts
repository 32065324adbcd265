/** Oldest server that pgvault asks its questions of. */
export const oldestServerMajor = 9.6;

/** `15.18` → 15, `17beta2` → 17, `9.6.24` → 9.6: the part that decides compatibility. */
export function majorOf(version: string): number {
  const [, first = "0", second = "0"] = /^(\d+)(?:\.(\d+))?/.exec(version.trim()) ?? [];
  const major = Number(first);
  return major >= 10 ? major : Number(`${first}.${second}`);
}

/** `server_version_num` → text: 150018 → `15.18`, 90624 → `9.6.24`. */
export const versionText = (versionNumber: number): string =>
  versionNumber >= 100_000
    ? `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`
    : `${Math.floor(versionNumber / 10_000)}.${Math.floor(versionNumber / 100) % 100}.${versionNumber % 100}`;
