import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  libpqEnvironment,
  withLibpqEnvironment,
} from "../../../src/adapters/postgres/libpq-environment.ts";
import { type DatabaseConnection, Secret } from "../../../src/domain/connection.ts";

const connection: DatabaseConnection = {
  host: "db.example",
  port: 5433,
  user: "reader",
  password: new Secret("s3cret"),
  sslMode: "require",
  database: "it's \\ odd",
};

describe("libpq's environment", () => {
  it("carries everything for the login and only there the password", async () => {
    const libpq = await libpqEnvironment(connection, { jobId: "j1" });
    expect(libpq.env).toEqual({
      PGHOST: "db.example",
      PGPORT: "5433",
      PGUSER: "reader",
      PGPASSWORD: "s3cret",
      PGDATABASE: "it's \\ odd",
      PGSSLMODE: "require",
      PGGSSENCMODE: "disable",
      PGCONNECT_TIMEOUT: "15",
      PGAPPNAME: "pgvault j1",
    });
    expect(libpq.dbname).toMatch(/^dbname='it\\'s \\\\ odd' keepalives_idle=/);
    expect(libpq.dbname).not.toContain("s3cret");
  });

  it("writes the root certificate for us alone and removes it", async () => {
    const verifying = { ...connection, sslMode: "verify-full", rootCertificate: "PEM" } as const;
    const file = await withLibpqEnvironment(verifying, {}, async ({ env }) => {
      const path = env["PGSSLROOTCERT"] ?? "";
      expect(await readFile(path, "utf8")).toBe("PEM\n");
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      return path;
    });
    expect(existsSync(file)).toBe(false);
  });

  it("trusts the usual authorities when verifying without a certificate of one's own", async () => {
    const libpq = await libpqEnvironment({ ...connection, sslMode: "verify-full" });
    const text = await readFile(libpq.env["PGSSLROOTCERT"] ?? "", "utf8");
    await libpq.dispose();
    await libpq.dispose();
    expect(text.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50);
  });
});
