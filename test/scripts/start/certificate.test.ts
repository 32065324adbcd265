import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareCertificate } from "../../../scripts/start/certificate.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-21T10:00:00Z");
let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "pgvault-certificate-"));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

test("it is for this machine alone, and only the owner may read its key", async () => {
  const { certPath, keyPath } = await prepareCertificate(stateDir, now);
  const certificate = new X509Certificate(await readFile(certPath));
  expect(certificate.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.validToDate.getTime() - now).toBe(365 * dayMs);
  expect((await stat(keyPath)).mode & 0o777).toBe(0o600);
});

test("it stays for eleven months and is made anew in the last", async () => {
  const { certPath } = await prepareCertificate(stateDir, now);
  const first = await readFile(certPath, "utf8");
  await prepareCertificate(stateDir, now + 334 * dayMs);
  expect(await readFile(certPath, "utf8")).toBe(first);
  const laterAt = now + 336 * dayMs;
  await prepareCertificate(stateDir, laterAt);
  const second = new X509Certificate(await readFile(certPath));
  expect(second.validToDate.getTime()).toBe(laterAt + 365 * dayMs);
});

test.each([
  ["the key is gone", "https-key.pem", undefined],
  ["the key is of another certificate", "https-key.pem", "other"],
  ["the certificate is cut", "https-cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB"],
] as const)("it is made anew when %s", async (_what, file, content) => {
  const { certPath, keyPath } = await prepareCertificate(stateDir, now);
  const before = await readFile(certPath, "utf8");
  const damaged = join(stateDir, file);
  if (content === undefined) await rm(damaged);
  else if (content === "other") await writeFile(damaged, await otherKey());
  else await writeFile(damaged, content);
  await prepareCertificate(stateDir, now);
  expect(await readFile(certPath, "utf8")).not.toBe(before);
  expect(await readFile(keyPath, "utf8")).toContain("PRIVATE KEY");
});

async function otherKey(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pgvault-certificate-"));
  try {
    return await readFile((await prepareCertificate(folder, now)).keyPath, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
