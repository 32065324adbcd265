import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiOperations } from "../../../src/triggers/http/api/operations.ts";
import { exchangesOf, type JsonRecord, type JsonValue } from "../../contract/arm-example.ts";
import { recordedPoint } from "../../contract/recorded-state.ts";
import { instanceBody, instanceId, policyBody, samplePath, seedSample } from "./sample-requests.ts";
import { createTestApi, type TestApi, tokens, vaultBody, vaultId } from "./test-api.ts";

const restoreBody = exchangesOf("rec-oss-restore-trigger-alternate-location")[0]!.request.body!;

/** Good bodies, from which mutants are made. */
const goodBodies: Readonly<Record<string, JsonValue>> = {
  BackupVaults_CreateOrUpdate: vaultBody,
  BackupVaults_Update: vaultBody,
  BackupPolicies_CreateOrUpdate: policyBody,
  BackupInstances_CreateOrUpdate: instanceBody(),
  BackupInstances_ValidateForBackup: { backupInstance: instanceBody()["properties"]! },
  BackupInstances_ValidateForModifyBackup: { backupInstance: instanceBody()["properties"]! },
  BackupInstances_AdhocBackup: {
    backupRuleOptions: { ruleName: "BackupWeekly", triggerOption: { retentionTagOverride: "x" } },
  },
  BackupInstances_ValidateForRestore: { restoreRequestObject: restoreBody },
  BackupInstances_TriggerRestore: restoreBody,
  ResourceGraph_Resources: {
    subscriptions: ["00000000-0000-0000-0000-000000000000"],
    query: "RecoveryServicesResources | where type =~ 'x' | extend a = properties.status | take 3",
    options: { $top: 10, $skip: 0, resultFormat: "objectArray" },
  },
  ResourceGuards_Put: { location: "x", properties: { description: "d" } },
  DppResourceGuardProxy_CreateOrUpdate: {
    properties: {
      resourceGuardResourceId:
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataProtection/resourceGuards/x",
    },
  },
  DppResourceGuardProxy_UnlockDelete: {
    resourceToBeDeleted: "x",
    resourceGuardOperationRequests: [],
  },
  BackupVaults_CheckNameAvailability: { name: "x", type: "y" },
  RestorableTimeRanges_Find: { sourceDataStoreType: "VaultStore" },
  BackupInstances_TriggerRehydrate: {
    recoveryPointId: recordedPoint.id,
    rehydrationPriority: "High",
    rehydrationRetentionDuration: "P15D",
  },
};

/** Statuses that ARM clients know what to do with. */
const honest = new Set([200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413]);

describe("whatever is sent", () => {
  test.each(apiOperations.map((operation) => [operation.id, operation] as const))(
    "%s answers in ARM's shape, never 500, and refuses without a trace",
    async (id, operation) => {
      const good = goodBodies[id] ?? {};
      await fc.assert(
        fc.asyncProperty(
          mutantOf(good),
          fc.oneof(fc.constant(samplePath(operation)), strangePath(operation.path)),
          query,
          async (body, path, search) => {
            const api = createTestApi();
            await seedSample(api);
            const before = await stateOf(api);
            const {
              status,
              headers,
              body: answer,
            } = await api.send(
              operation.method,
              `${path}${search}`,
              operation.method === "GET" ? undefined : body,
            );
            expect(honest, JSON.stringify(answer)).toContain(status);
            expect(headers["x-ms-request-id"]).toBeTypeOf("string");
            if (status < 400) return;
            expect(answer.error.code).toBeTypeOf("string");
            expect(answer.error.message.length).toBeGreaterThan(10);
            expect(headers["x-ms-error-code"]).toBe(answer.error.code);
            expect(await stateOf(api)).toEqual(before);
          },
        ),
        { numRuns: 12 },
      );
    },
  );

  test("any method on any path is answered", async () => {
    const api = createTestApi();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"),
        fc.webPath(),
        query,
        fc.string(),
        async (method, path, search, body) => {
          const answer = await api.send(method, `/${path}${search}`, body);
          expect(honest).toContain(answer.status);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("bodies that are no JSON, no UTF-8 or no object are refused by name", async () => {
    const api = createTestApi();
    for (const body of ["{", "null", "[]", '"x"', "1", "\u0000", "{'a':1}", "[".repeat(100_000)]) {
      const answer = await api.send("PUT", vaultId, body);
      expect(answer, body.slice(0, 20)).toMatchObject({
        status: 400,
        body: { error: { code: "InvalidRequestContent" } },
      });
    }
  });
});

describe("limits", () => {
  test("a body beyond the limit is refused with 413, announced or not, and not read to its end", async () => {
    const api = createTestApi({ maxBodyBytes: 1000 });
    const announced = await sendStream(api, endlessBody().stream, { "content-length": "1001" });
    expect(announced).toMatchObject({ status: 413 });
    const { stream, chunksRead } = endlessBody();
    const streamed = await sendStream(api, stream, {});
    expect(streamed).toMatchObject({ status: 413 });
    expect(streamed.headers["x-ms-error-code"]).toBe("RequestEntityTooLarge");
    expect(chunksRead()).toBeLessThan(20);
  });

  test("a body that never comes is refused when its time is up", async () => {
    const api = createTestApi({ bodyTimeoutMs: 30 });
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const answer = await sendStream(api, silent, {});
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body).toContain("did not arrive within 30 ms");
  });

  test("without a token nothing of the body is read", async () => {
    const api = createTestApi();
    const { stream, chunksRead } = endlessBody();
    const headers = new Headers({ authorization: "Bearer nobody" });
    const url = `https://h${vaultId}?api-version=2025-07-01`;
    const answer = await api.api({ method: "PUT", url, headers, body: stream }, api.workflows);
    expect(answer.status).toBe(401);
    expect(chunksRead()).toBeLessThan(3);
  });

  test.each([
    ["a path", `/${"x".repeat(5000)}`],
    ["a query", `${vaultId}?q=${"x".repeat(9000)}`],
    ["a vault name", vaultId.replace("vault1", `v${"x".repeat(60)}`)],
    ["a vault name's alphabet", vaultId.replace("vault1", "va%2fult")],
    ["a badly encoded name", vaultId.replace("vault1", "%ff")],
  ])("%s beyond its limit is refused", async (_what, path) => {
    const answer = await createTestApi().send("PUT", path, vaultBody);
    expect(answer).toMatchObject({ status: 400 });
  });
});

/** The value itself, or with some members dropped, replaced or added, at any depth. */
function mutantOf(good: JsonValue): fc.Arbitrary<JsonValue> {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
    fc.constantFrom<JsonValue>(
      "",
      -1,
      1e308,
      "\u0000",
      "../..",
      "P1W",
      "x".repeat(5000),
      "x".repeat(600),
      "\ud800",
      "a#b|c~d%e",
      null,
    ),
  );
  return fc
    .tuple(fc.array(fc.tuple(fc.nat(30), fc.nat(2), junk), { maxLength: 3 }))
    .map(([mutations]) =>
      mutations.reduce<JsonValue>(
        (value, [place, how, replacement]) => mutate(value, place, how, replacement),
        structuredClone(good),
      ),
    );
}

function mutate(value: JsonValue, place: number, how: number, junk: JsonValue): JsonValue {
  const places: [JsonRecord | JsonValue[], string][] = [];
  const visit = (node: JsonValue): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, member] of Object.entries(node)) {
      places.push([node as JsonRecord, name]);
      visit(member as JsonValue);
    }
  };
  visit(value);
  const [parent, name] = places[place % Math.max(1, places.length)] ?? [];
  if (parent === undefined || name === undefined) return junk;
  const record = parent as JsonRecord;
  if (how === 0) delete record[name];
  else if (how === 1) record[name] = junk;
  else record[`${name}X`] = junk;
  return value;
}

const strangePath = (template: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.string({ minLength: 1, unit: "grapheme" }), fc.nat(6))
    .map(([name, index]) =>
      [...template.matchAll(/\{\w+\}/g)].reduce(
        (path, [place], position) =>
          position === index ? path.replace(place, encodeURIComponent(name)) : path,
        template,
      ),
    )
    .map((path) => samplePath({ path }));

const query = fc.oneof(
  fc.constant(""),
  fc.webQueryParameters().map((text) => `?${text}`),
  fc.string().map((token) => `?$skipToken=${encodeURIComponent(token)}`),
  fc.string().map((filter) => `?$filter=${encodeURIComponent(filter)}`),
  fc.string().map((version) => `?api-version=${encodeURIComponent(version)}`),
);

/** All that the API shows of the sample vault. */
async function stateOf(api: TestApi): Promise<unknown> {
  const paths = [
    vaultId,
    instanceId,
    ...["backupPolicies", "backupInstances", "backupJobs"].map((kind) => `${vaultId}/${kind}`),
  ];
  const answers = [];
  for (const path of paths) answers.push((await api.send("GET", path)).body);
  return [answers, api.started.length];
}

function endlessBody() {
  let chunks = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      chunks += 1;
      controller.enqueue(new Uint8Array(100).fill(32));
    },
  });
  return { stream, chunksRead: () => chunks };
}

const sendStream = (
  api: TestApi,
  stream: ReadableStream<Uint8Array>,
  headers: Record<string, string>,
) =>
  api.api(
    {
      method: "PUT",
      url: `https://h${vaultId}?api-version=2025-07-01`,
      headers: new Headers({ authorization: `Bearer ${tokens.contributor}`, ...headers }),
      body: stream,
    },
    api.workflows,
  );
