import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { FIXTURE, withHost } from "./host-process.ts";

const keyPath = join(FIXTURE, "../http-tls/test-only-key.pem");
const certPath = join(FIXTURE, "../http-tls/test-only-cert.pem");

describe("a host with a certificate", () => {
  it("serves HTTPS, links included, while durable clients go on inside", async () => {
    const ca = readFileSync(certPath);
    const get = async (url: string): Promise<unknown> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      request(url, { ca }, (response) => void text(response).then(resolve, reject))
        .on("error", reject)
        .end();
      return JSON.parse(await promise);
    };
    await withHost({ host: { https: { keyPath, certPath } } }, async ({ url }) => {
      expect(url).toMatch(/^https:/);
      const started = (await get(`${url}/api/start?text=tls`)) as Record<string, string>;
      expect(started["statusQueryGetUri"]).toMatch(/^https:/);
      expect(await get(`${url}/api/wait?id=${started["id"]}`)).toBe("TLS!");
    });
  });
});
