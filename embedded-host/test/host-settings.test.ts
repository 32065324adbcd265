import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Environment } from "../settings.ts";
import { forcedEnvironment, isDisabled, readAppSettings, resolveSettings } from "../settings.ts";
import { parseTimeSpanMs } from "../time-span.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "host-settings-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(files: { host?: unknown; local?: unknown }, env: Environment = {}) {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  if (files.host !== undefined) await writeFile(join(folder, "host.json"), text(files.host));
  if (files.local !== undefined) {
    await writeFile(join(folder, "local.settings.json"), text(files.local));
  }
  return readAppSettings(folder, env);
}

const v2 = (fields: object = {}) => ({ version: "2.0", ...fields });
const durable = (fields: object) => v2({ extensions: { durableTask: fields } });

describe("local.settings.json", () => {
  it("adds what the environment does not hold: null skipped, empty kept, scalars as text", async () => {
    const local = {
      IsEncrypted: false,
      Values: { A: "file", B: "file", EMPTY: "", NONE: null, N: 7, T: true },
      ConnectionStrings: { Db: "x=1", Other: { ConnectionString: "y=2", ProviderName: "p" } },
    };
    const settings = await read({ host: v2(), local }, { A: "environment" });
    expect(settings.additions).toEqual({
      B: "file",
      EMPTY: "",
      N: "7",
      T: "true",
      "ConnectionStrings:Db": "x=1",
      "ConnectionStrings:Other": "y=2",
    });
    expect(settings.env["A"]).toBe("environment");
  });

  it("may have comments, trailing commas and a byte order mark", async () => {
    const local = '\uFEFF{ // note\n "Values": { "URL": "http://x/*no*/", /* c */ "L": "a,]", }, }';
    const settings = await read({ host: v2(), local });
    expect(settings.additions).toEqual({ URL: "http://x/*no*/", L: "a,]" });
  });

  it("gives port and CORS; without it the port is 7071", async () => {
    const settings = await read({
      host: v2(),
      local: { Host: { LocalHttpPort: 8080, CORS: "http://a, http://b/", CORSCredentials: true } },
    });
    expect(settings.defaultPort).toBe(8080);
    expect(settings.local.corsOrigins).toEqual(["http://a", "http://b"]);
    expect(settings.local.corsCredentials).toBe(true);
    await rm(join(folder, "local.settings.json"));
    expect((await read({})).defaultPort).toBe(7071);
  });

  it.each([
    [{ IsEncrypted: true }, /encrypted/],
    [{ Values: { A: { b: 1 } } }, /"Values.A" is \{"b":1\}, but must be a string/],
    [{ Values: [] }, /"Values" is \[\], but must be a JSON object/],
    [{ Host: { LocalHttpPort: "x" } }, /"Host.LocalHttpPort" is "x"/],
    [{ Host: { CORS: 5 } }, /"Host.CORS" is 5/],
    ["{", /local.settings.json is not valid JSON/],
    ["[]", /must hold a JSON object/],
  ])("%j is refused: %s", async (local, message) => {
    await expect(read({ host: v2(), local })).rejects.toThrow(message);
  });
});

describe("host.json", () => {
  it("has the real host's defaults", async () => {
    const { host, bodyLimitBytes } = await read({ host: v2() });
    expect(host).toEqual({
      functionTimeoutMs: 1_800_000,
      routePrefix: "api",
      customHeaders: {},
      logLevels: {},
      durableTask: { hubName: "TestHubName", limits: {} },
    });
    expect(bodyLimitBytes).toBe(104_857_600);
  });

  it.each([
    ["00:05:00", 300_000],
    ["1.00:00:00", 86_400_000],
    ["00:00:02", 2_000],
    ["-1", null],
    [-1, null],
  ])("functionTimeout %s is %s ms", async (functionTimeout, expected) => {
    const { host } = await read({ host: v2({ functionTimeout }) });
    expect(host.functionTimeoutMs).toBe(expected);
  });

  it("reads prefix, hub, limits and log levels, whatever the casing", async () => {
    const { host } = await read(
      {
        host: {
          Version: "2.0",
          logging: { logLevel: { Default: "Warning" } },
          extensions: {
            http: { RoutePrefix: "/v1/", customHeaders: { "X-A": "b" } },
            durableTask: {
              hubName: "%HUB%",
              maxConcurrentActivityFunctions: 3,
              maxConcurrentOrchestratorFunctions: 4,
              maxConcurrentEntityFunctions: 5,
              maxEntityOperationBatchSize: 6,
              httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 7 },
            },
          },
        },
      },
      { hub: "MyHub" },
    );
    expect(host).toMatchObject({
      routePrefix: "v1",
      customHeaders: { "X-A": "b" },
      logLevels: { Default: "warning" },
      durableTask: {
        hubName: "MyHub",
        limits: {
          maxConcurrentActivities: 3,
          maxConcurrentOrchestrators: 4,
          maxConcurrentEntities: 5,
          maxEntityOperationBatchSize: 6,
        },
        defaultAsyncRequestSleepTimeMs: 7,
      },
    });
  });

  it("is overridden by AzureFunctionsJobHost settings, also those of local.settings.json", async () => {
    const { host } = await read(
      {
        host: v2({ extensions: { http: { routePrefix: "api" } } }),
        local: { Values: { AzureFunctionsJobHost__functionTimeout: "00:00:09" } },
      },
      {
        AzureFunctionsJobHost__extensions__http__routePrefix: "",
        AZUREFUNCTIONSJOBHOST__EXTENSIONS__DURABLETASK__MAXCONCURRENTACTIVITYFUNCTIONS: "2",
      },
    );
    expect(host.routePrefix).toBe("");
    expect(host.functionTimeoutMs).toBe(9_000);
    expect(host.durableTask.limits.maxConcurrentActivities).toBe(2);
  });

  it.each([
    [undefined, /host.json does not exist/],
    [{}, /"version" is undefined, but must be "2.0"/],
    [{ version: "1.0" }, /"version" is "1.0"/],
    [v2({ functionTimeout: "5 minutes" }), /"functionTimeout" is "5 minutes", but must be/],
    [v2({ functionTimeout: "00:00:00" }), /functionTimeout/],
    [v2({ extensions: { http: { routePrefix: 5 } } }), /"extensions.http.routePrefix" is 5/],
    [v2({ extensions: { http: { customHeaders: { a: 1 } } } }), /customHeaders/],
    [v2({ logging: { logLevel: { default: "loud" } } }), /level "loud" of category "default"/],
    [durable({ hubName: "a-b" }), /hubName" is "a-b", but must be 3 to 45/],
    [durable({ hubName: "%NOPE%" }), /there is no setting "NOPE"/],
    [durable({ maxConcurrentActivityFunctions: 0 }), /maxConcurrentActivityFunctions" is 0/],
    [durable({ maxConcurrentEntityFunctions: "many" }), /maxConcurrentEntityFunctions" is "many"/],
  ])("%j is refused: %s", async (host, message) => {
    await expect(read({ host })).rejects.toThrow(message);
  });

  it("refuses a body limit that is no number", async () => {
    const env = { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "big" };
    await expect(read({ host: v2() }, env)).rejects.toThrow(/"big", but must be a number of bytes/);
  });
});

describe("the environment of the app", () => {
  it("tells the port and keeps proxies away from this machine", () => {
    const forced = forcedEnvironment("/app", 7123, { no_proxy: "corp.example, localhost" });
    expect(forced).toEqual({
      AZURE_FUNCTIONS_ENVIRONMENT: "Development",
      WEBSITE_HOSTNAME: "localhost:7123",
      AzureWebJobsScriptRoot: "/app",
      FUNCTIONS_WORKER_RUNTIME: "node",
      NO_PROXY: "corp.example,localhost,127.0.0.1",
      no_proxy: "corp.example,localhost,127.0.0.1",
    });
  });

  it("resolves %NAME% and leaves other percent signs alone", () => {
    expect(resolveSettings("%A%/x/%a%", { A: "1" }, "route")).toBe("1/x/1");
    expect(resolveSettings("50% of 100%", {}, "text")).toBe("50% of 100%");
    expect(() => resolveSettings("%B%", {}, 'route of function "f"')).toThrow(
      /route of function "f" is "%B%", but there is no setting "B"/,
    );
  });

  it.each([
    [{ "AzureWebJobs.Hello.Disabled": "true" }, true],
    [{ "AzureWebJobs.Hello.Disabled": "1" }, true],
    [{ "azurewebjobs.hello.disabled": "True" }, true],
    [{ AzureWebJobs__Hello__Disabled: "true" }, true],
    [{ "AzureWebJobs.Hello.Disabled": "false" }, false],
    [{ "AzureWebJobs.Other.Disabled": "true" }, false],
  ])("%j disables Hello: %s", (env, expected) => {
    expect(isDisabled("Hello", env)).toBe(expected);
  });

  it.each([
    ["00:00:01.5", 1500],
    ["10:20", 37_200_000],
    ["-00:00:01", -1000],
    ["24:00:00", undefined],
    ["00:60:00", undefined],
    ["x", undefined],
  ])("time span %s is %s ms", (text, expected) => {
    expect(parseTimeSpanMs(text)).toBe(expected);
  });
});
