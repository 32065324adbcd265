import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRig, manifestSource, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE src");
  // As pg_extension_config_dump does, which only an extension's own script may call. PostGIS keeps
  // its own rows beside the user's in spatial_ref_sys in this way.
  await cluster.psql(
    `CREATE EXTENSION hstore;
     CREATE TABLE config (id int PRIMARY KEY, note text, made_by_user boolean, twice int GENERATED ALWAYS AS (id * 2) STORED);
     CREATE TABLE whole (id int); CREATE TABLE internal (id int);
     INSERT INTO config SELECT g, 'n' || g, g % 10 = 0 FROM generate_series(1, 100) g;
     INSERT INTO whole VALUES (1), (2); INSERT INTO internal VALUES (1);
     ALTER EXTENSION hstore ADD TABLE config; ALTER EXTENSION hstore ADD TABLE whole; ALTER EXTENSION hstore ADD TABLE internal;
     UPDATE pg_extension SET extconfig = ARRAY['config'::regclass, 'whole'::regclass], extcondition = ARRAY['WHERE made_by_user', '']
       WHERE extname = 'hstore'`,
    "src",
  );
});

afterAll(() => cluster.stop());

it("only the user's rows of an extension's configuration tables are dumped, as pg_dump does", async () => {
  const rig = createRig(cluster);
  const outcome = await rig.dump("src");
  const written = new Map<string, string>();
  await rig.mover.restoreFiles(
    {
      recoveryPointId: "rp",
      folder: rig.folder,
      archive: outcome.archive,
      source: manifestSource(outcome),
      compression: "none",
      connections: 2,
    },
    {
      write: async (name, chunks) => {
        written.set(name, await text(chunks));
      },
    },
    quietControl(),
  );
  const rowsOf = (table: string) => {
    const file = outcome.archive.files.find((candidate) => candidate.table?.name === table);
    return { counted: file?.rows, text: written.get(file?.name ?? "") };
  };
  const own = Array.from({ length: 10 }, (_, index) => (index + 1) * 10);
  expect(rowsOf("config")).toEqual({
    counted: 10,
    text: `${own.map((id) => `${id}\tn${id}\tt\n`).join("")}\\.\n\n\n`,
  });
  expect(rowsOf("whole")).toEqual({ counted: 2, text: "1\n2\n\\.\n\n\n" });
  expect(rowsOf("internal")).toEqual({ counted: undefined, text: undefined });
});
