import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adhocBackupBody, instancePathOf } from "../../scripts/demo/request-bodies.ts";
import { holdLock } from "../support/hold-lock.ts";
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

describe.for(problems.map((problem, index) => ({ ...problem, index })))(
  "$what",
  ({ code, names, secret, spoil, appliesToRestore, index }) => {
    const database = `problem_${index}`;
    const secretName = `secret-${index}`;
    const makeGood = async () => {
      await scene.cluster.psql(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await scene.cluster.psql(`CREATE DATABASE ${database}`);
      await scene.app.putSecret(secretName, scene.cluster.connectionString());
    };
    const makeBad = async () => {
      if (secret) await scene.app.putSecret(secretName, secret(scene.cluster.connectionString()));
      if (spoil) await scene.cluster.psql(spoil(database));
    };
    const expectFault = (error: { code: string; message: string } | undefined) => {
      expect(error?.code).toBe(code);
      for (const name of names) expect(error?.message).toMatch(name);
      expect(error?.message).not.toContain("sesame");
    };

    test("is found by validateForBackup", async () => {
      await makeGood();
      await makeBad();
      const backupInstance = scene.properties(database, secretName);
      const path = `${sceneVault}/validateForBackup`;
      expectFault(await failureOf(scene.client, "POST", path, { backupInstance }));
    });

    test("fails the configuration of protection", async () => {
      await makeGood();
      await makeBad();
      const path = instancePathOf("test-vault", `draft-${index}`);
      const properties = scene.properties(database, secretName);
      await scene.client.operate("PUT", path, { properties });
      const state = await protectionOf(path);
      expect(state.status).toBe("ConfiguringProtectionFailed");
      expectFault(state.errorDetails);
      await scene.client.complete("DELETE", path);
    });

    test("fails the backup job and leaves no recovery point", async () => {
      await makeGood();
      const path = await scene.protect(`instance-${index}`, database, secretName);
      await makeBad();
      const job = await scene.backUp(path);
      expect(job.properties.status).toBe("Failed");
      expectFault(job.properties.errorDetails?.[0]);
      expect(await scene.recoveryPoints(path)).toEqual([]);
    });

    test.runIf(appliesToRestore)("is found by validateRestore and fails the restore", async () => {
      await makeGood();
      await makeBad();
      const target = `restored_${index}`;
      const body = restoreRequest(recoveryPoint, target, secretName);
      const validation = { restoreRequestObject: body };
      expectFault(await failureOf(scene.client, "POST", `${instance}/validateRestore`, validation));
      const { properties } = await scene.client.complete("POST", `${instance}/restore`, body);
      const job = await scene.client.followJob(String(properties?.jobId));
      expect(job.properties.status).toBe("Failed");
      expectFault(job.properties.errorDetails?.[0]);
      expect(await scene.databases()).not.toContain(target);
    });
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

interface ProtectionStatus {
  readonly status: string;
  readonly errorDetails?: { readonly code: string; readonly message: string };
}
