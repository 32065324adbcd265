import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job } from "../../scripts/demo/arm-client.ts";
import { adhocBackupBody, instancePathOf } from "../../scripts/demo/request-bodies.ts";
import { holdLock } from "../support/hold-lock.ts";
import { outcomeOf } from "../support/invariants.ts";
import {
  failureOf,
  restoreRequest,
  type Scene,
  sceneVault,
  serverSecret,
  startScene,
} from "../support/scene.ts";

let scene: Scene;
let instance: string;
let recoveryPoint: string;

beforeAll(async () => {
  scene = await startScene();
  instance = await scene.protect("laden", scene.database);
  const job = await scene.backUp(instance);
  expect(job.properties).toMatchObject({ status: "Completed" });
  recoveryPoint = (await scene.recoveryPoints(instance))[0]!.name;
});
afterAll(() => scene?.stop());

interface Problem {
  readonly what: string;
  readonly code: string;
  /** What the message must name. */
  readonly names: readonly (string | RegExp)[];
  /** The bad content of the secret; undefined: there is none. */
  readonly secret?: (good: string) => string | undefined;
  /** Done to the database instead. */
  readonly spoil?: (database: string) => string;
  readonly appliesToRestore: boolean;
}

const problems: readonly Problem[] = [
  {
    what: "an unreachable server",
    code: "UserErrorMissingNetworkSecurityPermissions",
    names: ["127.0.0.1:1"],
    secret: (good) => good.replace(/Port=\d+/, "Port=1"),
    appliesToRestore: true,
  },
  {
    what: "a server whose name does not resolve",
    code: "UserErrorMissingNetworkSecurityPermissions",
    names: ["no-such-host.invalid"],
    secret: (good) => good.replace("127.0.0.1", "no-such-host.invalid"),
    appliesToRestore: true,
  },
  {
    what: "a wrong password",
    code: "UserErrorDBUserAuthFailed",
    names: ["postgres", /127\.0\.0\.1:\d+/],
    secret: (good) => good.replace(/Password=\w+/, "Password=sesame"),
    appliesToRestore: true,
  },
  {
    what: "a missing database",
    code: "UserErrorDBNotFound",
    names: [/problem_\d+/, /127\.0\.0\.1:\d+/],
    spoil: (database) => `DROP DATABASE ${database} WITH (FORCE)`,
    appliesToRestore: false,
  },
  {
    what: "a missing secret",
    code: "UserErrorInvalidSecret",
    names: [/secret-\d+/],
    secret: () => undefined,
    appliesToRestore: true,
  },
  {
    what: "an unparsable secret",
    code: "UserErrorSecretValueInUnsupportedFormat",
    names: [/secret-\d+/],
    secret: () => "the password is sesame",
    appliesToRestore: true,
  },
];

test.concurrent.for(problems.map((problem, index) => ({ ...problem, index })))(
  "$what is told by validation, by the configuration of protection, by the backup and by the restore",
  async ({ code, names, secret, spoil, appliesToRestore, index }, { expect }) => {
    const secretName = `secret-${index}`;
    const good = scene.cluster.connectionString();
    const source = await createDatabase(`problem_${index}`);
    const restored = await createDatabase(`restored_${index}`);
    const draft = await createDatabase(`problem_${index}_draft`);
    await scene.app.putSecret(secretName, good);
    const backedUp = await scene.protect(`backed-up-${index}`, source, secretName);
    const other = await scene.protect(`restored-${index}`, restored, secretName);
    expect(outcomeOf(await scene.backUp(other))).toBe("Completed");
    const [point] = await scene.recoveryPoints(other);

    if (secret) await scene.app.putSecret(secretName, secret(good));
    if (spoil) for (const database of [source, draft]) await scene.cluster.psql(spoil(database));
    const expectFault = (error: Told | undefined, by: string) => {
      expect(error?.code, by).toBe(code);
      for (const name of names) expect(error?.message, by).toMatch(name);
      expect(error?.message, by).not.toContain("sesame");
    };
    const byBackup = scene.backUp(backedUp);
    const target = `target_${index}`;
    const request = restoreRequest(point!.name, target, secretName);
    const byRestore = appliesToRestore ? restoreBy(other, request) : undefined;

    const backupInstance = scene.properties(draft, secretName);
    const path = `${sceneVault}/validateForBackup`;
    expectFault(await failureOf(scene.client, "POST", path, { backupInstance }), "validation");

    const instancePath = instancePathOf("test-vault", `draft-${index}`);
    await scene.client.operate("PUT", instancePath, { properties: backupInstance });
    const state = await protectionOf(instancePath);
    expect(state.status).toBe("ConfiguringProtectionFailed");
    expectFault(state.errorDetails, "configuration");

    if (byRestore !== undefined) {
      const restoreRequestObject = request;
      const found = await failureOf(scene.client, "POST", `${other}/validateRestore`, {
        restoreRequestObject,
      });
      expectFault(found, "restore validation");
      const job = await byRestore;
      expect(job.properties.status).toBe("Failed");
      expectFault(job.properties.errorDetails?.[0], "restore");
      expect(await scene.databases()).not.toContain(target);
    }
    const job = await byBackup;
    expect(job.properties.status).toBe("Failed");
    expectFault(job.properties.errorDetails?.[0], "backup");
    expect(await scene.recoveryPoints(backedUp)).toEqual([]);
  },
);

test("an existing restore target is refused and stays untouched", async () => {
  await scene.cluster.psql(`CREATE DATABASE taken`);
  await scene.cluster.psql(`CREATE TABLE mine AS SELECT 7 AS seven`, "taken");
  const body = restoreRequest(recoveryPoint, "taken");
  const found = await failureOf(scene.client, "POST", `${instance}/validateRestore`, {
    restoreRequestObject: body,
  });
  const job = await scene.restore(instance, recoveryPoint, "taken");
  expect(job.properties.status).toBe("Failed");
  for (const error of [found, job.properties.errorDetails?.[0]]) {
    expect(error?.code).toBe("UserErrorDatabaseNameAlreadyInUse");
    expect(error?.message).toMatch(/'taken'.*127\.0\.0\.1:\d+/);
  }
  expect(await scene.cluster.psql("SELECT seven FROM mine", "taken")).toBe("7");
});

test("a recovery point that does not exist cannot be restored", async () => {
  const body = restoreRequest("0".repeat(32), "never");
  const restore = await failureOf(scene.client, "POST", `${instance}/restore`, body);
  const validation = await failureOf(scene.client, "POST", `${instance}/validateRestore`, {
    restoreRequestObject: body,
  });
  for (const error of [restore, validation]) {
    expect(error.code).toBe("UserErrorRecoveryPointNotFound");
    expect(error.message).toContain("0".repeat(32));
  }
  expect(await scene.databases()).not.toContain("never");
});

test("an unknown policy is named by validation and by the instance", async () => {
  await scene.cluster.psql("CREATE DATABASE unprotected");
  const properties = scene.properties("unprotected", serverSecret, "no-such-policy");
  const path = instancePathOf("test-vault", "no-policy");
  const validation = await failureOf(scene.client, "POST", `${sceneVault}/validateForBackup`, {
    backupInstance: properties,
  });
  const creation = await failureOf(scene.client, "PUT", path, { properties });
  for (const error of [validation, creation]) {
    expect(error.code).toBe("UserErrorPolicyNotFound");
    expect(error.message).toMatch(/no-such-policy.*test-vault/);
  }
  expect((await scene.client.request("GET", path)).status).toBe(404);
});

test("a second instance for the same database is refused by validation and creation", async () => {
  const properties = scene.properties(scene.database);
  const path = instancePathOf("test-vault", "second");
  const creation = await failureOf(scene.client, "PUT", path, { properties });
  const validation = await failureOf(scene.client, "POST", `${sceneVault}/validateForBackup`, {
    backupInstance: properties,
  });
  for (const error of [creation, validation]) {
    expect(error.code).toBe("UserErrorDppDatasourceAlreadyProtected");
    expect(error.message).toMatch(/laden/);
  }
  expect((await scene.client.request("GET", path)).status).toBe(404);
});

test("a backup or restore while a backup runs is refused; the running one completes", async () => {
  const release = await holdLock(scene.cluster, scene.database, "ledger.entry");
  let jobId: string;
  try {
    jobId = await scene.startBackup(instance);
    const backup = await failureOf(scene.client, "POST", `${instance}/backup`, adhocBackupBody);
    const body = restoreRequest(recoveryPoint, "meanwhile");
    const restore = await failureOf(scene.client, "POST", `${instance}/restore`, body);
    for (const error of [backup, restore]) {
      expect(error.code).toBe("UserErrorMaxConcurrentOperationLimitReached");
      expect(error.message).toContain("laden");
    }
  } finally {
    await release();
  }
  expect((await scene.client.followJob(jobId)).properties.status).toBe("Completed");
});

async function createDatabase(name: string): Promise<string> {
  await scene.cluster.psql(`CREATE DATABASE ${name}`);
  return name;
}

async function restoreBy(path: string, request: object): Promise<Job> {
  const { properties } = await scene.client.complete("POST", `${path}/restore`, request);
  return scene.client.followJob(String(properties?.jobId));
}

async function protectionOf(path: string): Promise<ProtectionStatus> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { properties } = await scene.client.send<{
      properties: { protectionStatus: ProtectionStatus };
    }>("GET", path);
    if (properties.protectionStatus.status !== "ConfiguringProtection") {
      return properties.protectionStatus;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} is still being configured.`);
}

interface Told {
  readonly code: string;
  readonly message: string;
}

interface ProtectionStatus {
  readonly status: string;
  readonly errorDetails?: Told;
}
