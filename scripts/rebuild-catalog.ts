import { parseArgs } from "node:util";
import { readConfig } from "../src/composition/config.ts";
import { rebuildTables } from "../src/composition/rebuild.ts";

const help = `Writes pgvault's tables anew from the blobs of its container.

  PGVAULT_STORAGE='<connection string>' npm run rebuild

Run it when tables were lost or damaged. It adds what is missing and leaves what is there, so it may
run twice and beside a working pgvault. Jobs and operations are not in the blobs and do not come back.`;

const { values } = parseArgs({ options: { help: { type: "boolean" } } });
if (values.help === true) {
  process.stdout.write(`${help}\n`);
} else {
  // Whoever runs this by hand holds the storage itself: no caller is to be authenticated.
  const report = await rebuildTables(
    readConfig({ PGVAULT_AUTH: "local", PGVAULT_STATE: ".", ...process.env }),
  );
  const { vaults, policies, instances, recoveryPoints, problems } = report;
  process.stdout.write(
    `${vaults} vaults, ${policies} policies, ${instances.length} backup instances, ${recoveryPoints} recovery points\n`,
  );
  for (const { path, reason } of problems) process.stderr.write(`not used: ${path}: ${reason}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
