import { ensurePostgres } from "./find-postgres.ts";

// Before the tests: a PostgreSQL that is missing is installed, or the command that installs it shown.
const { binDir, version } = await ensurePostgres((line) => process.stderr.write(`${line}\n`));
process.stdout.write(`PostgreSQL ${version} in ${binDir}\n`);
