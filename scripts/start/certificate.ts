import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";

/** PEM files in the state folder. */
export interface CertificateFiles {
  readonly keyPath: string;
  /** Also what clients must trust: the certificate signs itself. */
  readonly certPath: string;
}

const dayMs = 86_400_000;
/** Clients accept 398 days at most. */
const validMs = 365 * dayMs;
const renewedBeforeEndMs = 30 * dayMs;
/** Clocks of client and server may differ. */
const startedEarlierMs = dayMs;

/**
 * The certificate of this machine for 127.0.0.1 and localhost: kept across starts, so that clients
 * need to trust it once, and made anew a month before it ends. `now` is for tests.
 */
export async function prepareCertificate(
  stateDir: string,
  now = Date.now(),
): Promise<CertificateFiles> {
  const files = {
    keyPath: join(stateDir, "https-key.pem"),
    certPath: join(stateDir, "https-cert.pem"),
  };
  if (await isUsable(files, now)) return files;
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - startedEarlierMs),
    notAfterDate: new Date(now + validMs),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  await replaceFile(files.keyPath, made.private, 0o600);
  await replaceFile(files.certPath, made.cert, 0o644);
  return files;
}

/** A key without its certificate, or of another one, is as good as none. */
async function isUsable({ keyPath, certPath }: CertificateFiles, now: number): Promise<boolean> {
  const [key, cert] = await Promise.all([readText(keyPath), readText(certPath)]);
  if (key === undefined || cert === undefined) return false;
  try {
    const certificate = new X509Certificate(cert);
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.validFromDate.getTime() <= now &&
      certificate.validToDate.getTime() - renewedBeforeEndMs > now
    );
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { mode, flag: "wx" });
  await rename(temporary, path);
}
