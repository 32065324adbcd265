import type { ExportRequest } from "../../../ports/data-mover.ts";
import { majorOf } from "../server-version.ts";
import { propertiesScriptName } from "./database-properties.ts";
import { rolesFileName } from "./source-roles.ts";

export const readmeFileName = "README.txt";

/** What a person needs who has nothing but these files and PostgreSQL's own tools. */
export function exportReadme({ source, archive }: ExportRequest): string {
  const major = majorOf(source.clientVersion);
  const has = (name: string): boolean => archive.files.some((file) => file.name === name);
  return `Backup of the PostgreSQL database "${source.database}" of server ${source.server}
(PostgreSQL ${source.serverVersion}, written by pg_dump ${source.clientVersion}), as a directory
archive of pg_dump. Restore it with pg_restore of version ${major} or newer, to a server of version
${majorOf(source.serverVersion)} or newer. Put all of these files into one folder, here ./backup, and:

${has(rolesFileName) ? `  # 1. Roles that own or use objects, without passwords; leave it out with --no-owner --no-privileges.\n  psql --host=SERVER --username=ADMIN --dbname=postgres --file=backup/${rolesFileName}\n` : ""}
  # 2. An empty database of the same encoding and locale.
  createdb --host=SERVER --username=ADMIN --template=template0 ${createdbOptions(source)} NEWNAME

  # 3. Everything else, with four connections.
  pg_restore --host=SERVER --username=ADMIN --dbname=NEWNAME --format=directory --jobs=4 backup
${has(propertiesScriptName) ? `\n  # 4. The database's own settings, comment, owner and privileges, which pg_restore leaves out.\n  psql --host=SERVER --username=ADMIN --dbname=NEWNAME --file=backup/${propertiesScriptName}\n` : ""}
On a server where you may not become the owners, add --no-owner --no-privileges to step 3 and remove
the last lines of step 4's file, as it says. What that server refuses does not stop the rest of it.
Data files end in .gz where they are compressed; pg_restore reads them as they are.
`;
}

const createdbOptions = (source: ExportRequest["source"]): string =>
  [
    `--encoding=${source.encoding}`,
    `--lc-collate='${source.collate}'`,
    `--lc-ctype='${source.ctype}'`,
    ...(source.localeProvider === "icu"
      ? ["--locale-provider=icu", `--icu-locale='${source.icuLocale ?? ""}'`]
      : []),
  ].join(" ");
