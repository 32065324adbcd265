import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startSupervisor } from "../supervisor.ts";
import {
  eventually,
  FIXTURE,
  gone,
  isAlive,
  restoreEnvironment,
  withFolder,
  withHost,
} from "./host-process.ts";

afterEach(restoreEnvironment);

async function getJson(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

/** The app's process once it is another than `oldPid` and answers. */
function nextPid(url: string, oldPid: number): Promise<number> {
  return eventually(async () => {
    const answer = await fetch(`${url}/api/hello`).catch(() => undefined);
    if (answer?.status !== 200) return undefined;
    const { pid } = (await answer.json()) as { pid: number };
    return pid === oldPid ? undefined : pid;
  }, "another child answers");
}

describe("the supervisor", () => {
  it.each([
    ["leaves by process.exit", "exit", /exit code 0/],
    ["throws outside of handlers", "crash", /thrown outside of any handler/],
  ])("starts an app again that %s, on the same port", async (_what, route, expected) => {
    await withHost({}, async ({ supervisor, url, output }) => {
      const { pid } = supervisor.host;
      expect((await fetch(`${url}/api/${route}`)).status).toBe(200);
      const newPid = await nextPid(url, pid);
      expect(supervisor.host).toMatchObject({ pid: newPid, url });
      expect(isAlive(pid)).toBe(false);
      expect(output()).toMatch(expected);
    });
  });

  it("fails an invocation at the function timeout and starts the app again", async () => {
    const env = { AzureFunctionsJobHost__functionTimeout: "00:00:01" };
    await withHost({ env }, async ({ supervisor, url, output }) => {
      const { pid } = supervisor.host;
      expect((await fetch(`${url}/api/hang`)).status).toBe(500);
      await nextPid(url, pid);
      expect(output()).toContain('Function "hang" ran into its time limit of 1 s');
      expect(output()).toContain("function timeout");
    });
  });

  it("kills an app that blocks its event loop beyond the function timeout", async () => {
    const env = { AzureFunctionsJobHost__functionTimeout: "00:00:01" };
    await withHost(
      { env, hooks: { blockedMarginMs: 500 } },
      async ({ supervisor, url, output }) => {
        const { pid } = supervisor.host;
        await expect(fetch(`${url}/api/block`)).rejects.toThrow();
        await nextPid(url, pid);
        expect(output()).toContain("has not answered for 1.5 s");
      },
    );
  });

  it("ends what a killed app had started before it starts the app again", async () => {
    await withHost({}, async ({ supervisor, url }) => {
      const { pid } = supervisor.host;
      const spawned = await getJson(`${url}/api/spawn`);
      process.kill(pid, "SIGKILL");
      await nextPid(url, pid);
      expect(isAlive(Number(spawned["pid"]))).toBe(false);
    });
  });

  it("waits at stop for the request that runs, and refuses new connections", async () => {
    await withHost({}, async ({ supervisor, url }) => {
      const { pid } = supervisor.host;
      const slow = fetch(`${url}/api/slow`).then((response) => response.text());
      await fetch(`${url}/api/hello`);
      const stopped = supervisor.stop(10_000);
      expect(await slow).toBe("finished");
      await stopped;
      expect(isAlive(pid)).toBe(false);
      await expect(fetch(`${url}/api/hello`)).rejects.toThrow();
    });
  });

  it("ends a request that outlasts the grace period", async () => {
    await withHost({}, async ({ supervisor, url }) => {
      const hanging = fetch(`${url}/api/hang`);
      hanging.catch(() => undefined);
      await fetch(`${url}/api/hello`);
      const startedAt = Date.now();
      await supervisor.stop(300);
      expect(Date.now() - startedAt).toBeLessThan(2_500);
      await expect(hanging).rejects.toThrow();
    });
  });

  it("gives up, with the reason, when the app cannot run at all", async () => {
    await withFolder(async (folder) => {
      const starting = startSupervisor(
        { appDirectory: folder, stateDirectory: join(folder, "state"), port: 0 },
        { onOutput: () => undefined },
      );
      await expect(starting).rejects.toThrow(/host.json does not exist/);
    });
  });

  it("goes on trying when an app that once ran no longer starts", async () => {
    await withFolder(async (folder) => {
      const { cp, rename } = await import("node:fs/promises");
      const { symlink } = await import("node:fs/promises");
      await cp(FIXTURE, folder, { recursive: true });
      await symlink(join(FIXTURE, "../../../../node_modules"), join(folder, "node_modules"));
      await withHost({ host: { appDirectory: folder } }, async ({ supervisor, url, output }) => {
        const { pid } = supervisor.host;
        await rename(join(folder, "host.json"), join(folder, "host.json.away"));
        process.kill(pid, "SIGKILL");
        await eventually(
          () => (/host.json does not exist/.test(output()) ? true : undefined),
          "a start failed",
        );
        await rename(join(folder, "host.json.away"), join(folder, "host.json"));
        await nextPid(url, pid);
      });
      await rm(join(folder, "node_modules"));
    });
  });
});

describe("the state folder", () => {
  it("belongs to one host: a second one is refused, naming folder and holder", async () => {
    await withHost({}, async ({ supervisor }) => {
      const { pid } = supervisor.host;
      await withFolder(async (other) => {
        const first = await startSupervisor(
          { appDirectory: FIXTURE, stateDirectory: other, port: 0 },
          { onOutput: () => undefined },
        );
        const second = startSupervisor(
          { appDirectory: FIXTURE, stateDirectory: other, port: 0 },
          { onOutput: () => undefined },
        );
        await expect(second).rejects.toThrow(
          `Another host (process ${first.host.pid}) uses the state folder ${other}.`,
        );
        await first.stop();
        const third = await startSupervisor(
          { appDirectory: FIXTURE, stateDirectory: other, port: 0 },
          { onOutput: () => undefined },
        );
        await third.stop();
      });
      expect(isAlive(pid)).toBe(true);
    });
  });

  it("keeps keys that only the owner can read", async () => {
    await withFolder(async (folder) => {
      const host = await startSupervisor(
        { appDirectory: FIXTURE, stateDirectory: folder, port: 0, enableAuth: true },
        { onOutput: () => undefined },
      );
      const path = join(folder, "keys.json");
      const { stat } = await import("node:fs/promises");
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const keys = JSON.parse(await readFile(path, "utf8")) as { master: string };
      expect((await fetch(`${host.host.url}/admin/functions`)).status).toBe(401);
      const headers = { "x-functions-key": keys.master };
      expect((await fetch(`${host.host.url}/admin/functions`, { headers })).status).toBe(200);
      await host.stop();
      await gone(host.host.pid);
    });
  });
});

describe("the app's surroundings", () => {
  it("hold settings, forced variables and the app's folder as working directory", async () => {
    await withHost({}, async ({ url, supervisor }) => {
      const value = async (name: string) =>
        (await getJson(`${url}/api/environment?name=${name}`))["value"];
      expect(await value("FROM_FILE")).toBe("file");
      expect(await value("AZURE_FUNCTIONS_ENVIRONMENT")).toBe("Development");
      expect(await value("WEBSITE_HOSTNAME")).toBe(`localhost:${supervisor.host.port}`);
      expect((await getJson(`${url}/api/environment?name=x`))["cwd"]).toBe(FIXTURE);
    });
  });

  it("let durable clients work although a proxy is set that answers nobody", async () => {
    const dead = "http://127.0.0.1:9";
    const env = { HTTP_PROXY: dead, http_proxy: dead, HTTPS_PROXY: dead, https_proxy: dead };
    await withHost({ env }, async ({ url, supervisor }) => {
      const started = await fetch(`${url}/api/start?text=hi`);
      expect(started.status).toBe(202);
      const { id, statusQueryGetUri } = (await started.json()) as Record<string, string>;
      expect(statusQueryGetUri).toContain(`:${supervisor.host.port}/runtime/webhooks/durabletask/`);
      expect(await (await fetch(`${url}/api/wait?id=${id}`)).json()).toBe("HI!");
      const status = (await (await fetch(statusQueryGetUri ?? "")).json()) as object;
      expect(status).toMatchObject({ runtimeStatus: "Completed", output: "HI!" });
    });
  });

  it("refuse binding types that are not implemented, all at once, unless disabled", async () => {
    const appDirectory = join(FIXTURE, "../http-unsupported");
    await withFolder(async (stateDirectory) => {
      const starting = startSupervisor(
        { appDirectory, stateDirectory, port: 0 },
        { onOutput: () => undefined },
      );
      const error = await starting.then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).toMatch(/Function "reader": binding ".*" has type "queueTrigger"/);
      expect(error?.message).toMatch(/Function "writer": binding ".*" has type "blob"/);
      expect(error?.message).not.toContain('"fine"');
      expect(error?.message).toContain("Supported are the triggers httpTrigger, timerTrigger");
    });
    const env = {
      "AzureWebJobs.reader.Disabled": "true",
      "AzureWebJobs.writer.Disabled": "true",
    };
    await withHost({ env, host: { appDirectory } }, async ({ url }) => {
      expect((await fetch(`${url}/api/fine`)).status).toBe(200);
      expect((await fetch(`${url}/api/writer`)).status).toBe(404);
      const functions = (await (await fetch(`${url}/admin/functions`)).json()) as object[];
      expect(functions).toMatchObject([
        { name: "fine", isDisabled: false },
        { name: "reader", isDisabled: true },
        { name: "writer", isDisabled: true },
      ]);
    });
  });

  it("refuse to open unkeyed endpoints to other machines", async () => {
    await withFolder(async (stateDirectory) => {
      const starting = startSupervisor(
        { appDirectory: FIXTURE, stateDirectory, port: 0, address: "0.0.0.0" },
        { onOutput: () => undefined },
      );
      await expect(starting).rejects.toThrow(/Add --enable-auth/);
    });
  });
});

describe("after kill -9 of the app's process", () => {
  it("a timer whose instant passed meanwhile runs as past due", async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "ticks");
      const env = { TICK_SCHEDULE: "00:00:00.4", TICK_FILE: file };
      const ticks = async () =>
        (await readFile(file, "utf8").catch(() => ""))
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      await withHost({ env, host: { minimumMonitoredMs: 0 } }, async ({ supervisor, url }) => {
        const { pid } = supervisor.host;
        await eventually(async () => ((await ticks()).length >= 2 ? true : undefined), "two ticks");
        process.kill(pid, "SIGKILL");
        const newPid = await nextPid(url, pid);
        const [first, second] = await eventually(async () => {
          const mine = (await ticks()).filter((tick) => tick["pid"] === newPid);
          return mine.length >= 2 ? mine : undefined;
        }, "ticks of the new child");
        expect((await ticks())[0]).toMatchObject({ isPastDue: false });
        expect(first).toMatchObject({ isPastDue: true });
        expect(second).toMatchObject({ isPastDue: false });
      });
    });
  });

  it("an orchestration goes on to its end", async () => {
    await withHost({}, async ({ supervisor, url }) => {
      const { pid } = supervisor.host;
      const { id } = (await (await fetch(`${url}/api/start?text=ho`)).json()) as { id: string };
      process.kill(pid, "SIGKILL");
      await nextPid(url, pid);
      expect(await (await fetch(`${url}/api/wait?id=${id}`)).json()).toBe("HO!");
    });
  });
});
