import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createAzureBackup } from "../../../src/adapters/azure-backup/client.ts";
import { readArmExample } from "../../contract/arm-example.ts";

test("the typed client asks again after the recorded gateway timeout of ARM", async () => {
  const recorded = readArmExample("rec-error-gateway-timeout").response!;
  const vault = readArmExample("rec-vault-get").response!;
  const answers = [recorded, vault];
  const server = createServer((_request, response) => {
    const { status, body, headers } = answers.shift() ?? recorded;
    response
      .writeHead(status, { ...headers, "content-type": "application/json" })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const azure = createAzureBackup({
      endpoint: `http://127.0.0.1:${port}`,
      subscriptionId: "00000000-0000-0000-0000-000000000000",
      token: async () => "token",
    });
    const found = await azure.backupVaults.get("rg", "vault1");
    expect(found).toEqual(vault.body);
    expect(answers).toEqual([]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
