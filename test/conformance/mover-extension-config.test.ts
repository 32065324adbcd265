import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRig, manifestSource, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import {
  type ExtensionFiles,
  startClusterWithExtension,
} from "../support/cluster-with-extension.ts";
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

/** Makes its tables, fills them with rows of its own, and says which rows are the user's. */
const files: ExtensionFiles = {
  "settings_keeper.control": "default_version = '1.0'\nrelocatable = false\nschema = keeper\n",
  "settings_keeper--1.0.sql": `
    CREATE TABLE config (id int PRIMARY KEY, note text, made_by_user boolean NOT NULL DEFAULT true,
      twice int GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO config SELECT g, 'shipped ' || g, false FROM generate_series(1, 50) g;
    CREATE TABLE whole (id int);
    CREATE TABLE internal (id int);
    INSERT INTO internal VALUES (1);
    CREATE SEQUENCE counter;
    SELECT pg_catalog.pg_extension_config_dump('config', 'WHERE made_by_user');
    SELECT pg_catalog.pg_extension_config_dump('whole', '');
    SELECT pg_catalog.pg_extension_config_dump('counter', '');`,
};

describe("an extension with configuration tables", () => {
  let server: PostgresCluster;

  beforeAll(async () => {
    server = await startClusterWithExtension(files);
  });

  afterAll(() => server.stop());

  it("comes back with the user's rows beside its own, and only once", async () => {
    await server.psql("CREATE DATABASE src");
    await server.psql(
      `CREATE SCHEMA keeper; CREATE EXTENSION settings_keeper;
       INSERT INTO keeper.config (id, note) SELECT g, 'mine ' || g FROM generate_series(101, 400) g;
       DELETE FROM keeper.config WHERE id = 400;
       INSERT INTO keeper.whole VALUES (7), (8); INSERT INTO keeper.internal VALUES (2);
       SELECT setval('keeper.counter', 41);
       CREATE TABLE orders (config int REFERENCES keeper.config); INSERT INTO orders VALUES (1), (399)`,
      "src",
    );
    const rig = createRig(server);
    const outcome = await rig.dump("src");
    const { warnings } = await rig.restore(outcome, "back");

    expect(warnings).toEqual([]);
    const rows = (database: string, table: string): Promise<string> =>
      server.psql(`SELECT * FROM keeper.${table} ORDER BY 1`, database);
    for (const table of ["config", "whole"]) {
      expect(await rows("back", table)).toBe(await rows("src", table));
    }
    expect((await rows("back", "config")).split("\n")).toHaveLength(50 + 299);
    // What the extension did not name is its own affair: only its script fills it.
    expect(await rows("back", "internal")).toBe("1");
    expect(await server.psql("SELECT nextval('keeper.counter')", "back")).toBe("42");
    expect(
      await server.psql("SELECT count(*) FROM orders JOIN keeper.config ON id = config", "back"),
    ).toBe("2");
  });

  it("comes back without rows where only the schema is wanted", async () => {
    const rig = createRig(server);
    const outcome = await rig.dump("src");
    await rig.restore(outcome, "bare", { schemaOnly: true });
    const count = "SELECT count(*), bool_or(made_by_user) FROM keeper.config";
    expect(await server.psql(count, "bare")).toBe("50|f");
  });
});
