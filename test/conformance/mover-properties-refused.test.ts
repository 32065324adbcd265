import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { Secret } from "../../src/domain/connection.ts";
import { createRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { createStockTools, type StockTools } from "../adapters/postgres/mover/stock-tools.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

const servers = createDatabaseServers();
const secret = "hush-hush-hush";
let cluster: PostgresCluster;
let tools: StockTools;

beforeAll(async () => {
  cluster = await startCluster();
  tools = createStockTools(cluster);
  await cluster.psql("CREATE DATABASE src");
  await cluster.psql("CREATE DATABASE free");
  await cluster.psql(
    `CREATE ROLE mover LOGIN PASSWORD 'm' CREATEDB NOINHERIT;
     CREATE ROLE group_of_mover; GRANT group_of_mover TO mover;
     CREATE ROLE app; CREATE ROLE boss; CREATE ROLE leaves;
     ALTER DATABASE src OWNER TO boss; ALTER DATABASE free OWNER TO group_of_mover`,
  );
});

afterAll(() => cluster.stop());

/** By a role that may create databases, and not much else. */
async function restoredByMover(
  source: string,
  name: string,
  between = "",
): Promise<readonly string[]> {
  const rig = createRig(cluster);
  const wanted = rig.request(await rig.dump(source), name);
  if (between !== "") await cluster.psql(between);
  const target = { ...wanted.target, user: "mover", password: new Secret("m") };
  const { warnings } = await rig.mover.restoreDatabase({ ...wanted, target }, quietControl());
  expect(await servers.keepRestored(target, wanted.jobId)).toBe(true);
  return warnings;
}

describe("a server that does not allow all of it", () => {
  it("gives what it allows and a warning for each of the rest", async () => {
    await cluster.psql(
      `ALTER DATABASE src SET work_mem = '9MB';
       ALTER DATABASE src SET log_statement = 'all'; ALTER DATABASE src SET app.key = '${secret}';
       ALTER ROLE leaves IN DATABASE src SET work_mem = '1MB'; ALTER ROLE boss IN DATABASE src SET work_mem = '1MB';
       GRANT CREATE ON DATABASE src TO leaves; GRANT CREATE ON DATABASE src TO app`,
    );
    const leaving = "REVOKE ALL ON DATABASE src FROM leaves; DROP ROLE leaves";
    const warnings = await restoredByMover("src", "allowed", leaving);

    expect(warnings.map((line) => line.replace(/ was refused: .*/s, ""))).toEqual([
      'ALTER DATABASE "allowed" SET "log_statement" TO …',
      'ALTER DATABASE "allowed" SET "app.key" TO …',
      'ALTER ROLE "boss" IN DATABASE "allowed" SET "work_mem" TO …',
      'ALTER ROLE "leaves" IN DATABASE "allowed" SET "work_mem" TO …',
      'ALTER DATABASE "allowed" OWNER TO "boss"',
      'GRANT CREATE ON DATABASE "allowed" TO "leaves"',
    ]);
    expect(warnings.join("\n")).toMatch(/must be member of role "boss"|must be able to SET ROLE/);
    expect(warnings.join("\n")).not.toContain(secret);
    const found = await tools.properties("allowed");
    expect(found).toContain("ALTER DATABASE NAME SET work_mem TO '9MB';");
    expect(found).toContain("GRANT CREATE ON DATABASE NAME TO app;");
  });

  it("does not give the database to an owner from whom pgvault could not drop it again", async () => {
    const warnings = await restoredByMover("free", "held");
    expect(warnings).toEqual([
      'ALTER DATABASE "held" OWNER TO "group_of_mover" was refused: must be owner of database held.',
    ]);
    expect(await tools.properties("held")).toContain("OWNER TO mover;");
  });
});

describe("a database in another encoding", () => {
  it("gets its settings back in its own characters", async () => {
    await cluster.psql(
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    const settings = `ALTER DATABASE latin SET search_path = "Schéma"; COMMENT ON DATABASE latin IS 'plain'`;
    const table = `CREATE SCHEMA "Schéma"; CREATE TABLE "Schéma".t AS SELECT 'found' AS a`;
    await tools.psql("latin", `--command=${table}; ${settings}`);
    const rig = createRig(cluster);
    await rig.restore(await rig.dump("latin"), "latin_back");
    expect(await tools.psql("latin_back", "--command=SELECT a FROM t")).toBe("found\n");
    expect(await tools.commentOn("latin_back")).toMatch(/^pgvault restore .*\nplain$/);
  });
});
