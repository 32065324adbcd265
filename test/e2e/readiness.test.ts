import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArmErrorBody } from "../../scripts/demo/arm-client.ts";
import { instancePathOf } from "../../scripts/demo/request-bodies.ts";
import { createBlobStore } from "../../src/adapters/blob/blob-store.ts";
import { createCatalog } from "../../src/adapters/catalog/catalog.ts";
import { createTableStore } from "../../src/adapters/table/table-store.ts";
import { failureOf, restoreRequest, type Scene, sceneVault, startScene } from "../support/scene.ts";

let scene: Scene;
beforeAll(async () => {
  topic.listen(0, "127.0.0.1");
  await once(topic, "listening");
  const { port } = topic.address() as AddressInfo;
  const env = {
    PGVAULT_EVENT_TOPIC: `http://127.0.0.1:${port}/api/events`,
    PGVAULT_EVENT_KEY: "topic-key",
  };
  scene = await startScene({ sizeMb: 0, env });
});
afterAll(async () => {
  await scene?.stop();
  topic.close();
});

/** Stands for an Event Grid topic: notes what it is sent. */
const events: { readonly type: string; readonly subject: string }[] = [];
const topic = createServer((request, response) => {
  void json(request).then((event) => {
    if (request.headers["aeg-sas-key"] === "topic-key") events.push(event as (typeof events)[0]);
    response.writeHead(200).end();
  });
});

let count = 0;

interface Shop {
  /** A role of its own: rights such as pg_read_all_data reach every database of the server. */
  readonly role: string;
  readonly database: string;
  readonly secret: string;
  admin(sql: string): Promise<string>;
  setSecret(change?: (good: string) => string | undefined): Promise<void>;
  /** How validateForBackup fails. */
  findings(): Promise<Finding>;
  validate(): Promise<Validation>;
  /** Protects and backs up; the job's status. */
  backUp(): Promise<string>;
}

/** A database of several kinds of objects, and a role that may read all of them. */
async function openShop(): Promise<Shop> {
  count += 1;
  const database = `shop_${count}`;
  const secret = `shop-${count}`;
  const role = `back-up@shop ${count}`;
  const { cluster, app, client } = scene;
  await cluster.psql(`CREATE DATABASE ${database}`);
  const admin = (sql: string) => cluster.psql(sql, database);
  await admin(`
    CREATE ROLE "${role}" LOGIN PASSWORD 'pg-secret';
    CREATE SCHEMA app;
    CREATE TABLE app.orders AS SELECT g AS id FROM generate_series(1, 100) g;
    CREATE TABLE app.customers (id serial PRIMARY KEY);
    SELECT lo_create(4711);
    GRANT USAGE ON SCHEMA app TO "${role}";
    GRANT SELECT ON ALL TABLES IN SCHEMA app TO "${role}";
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA app TO "${role}";
    GRANT SELECT ON LARGE OBJECT 4711 TO "${role}";`);
  const good = cluster
    .connectionString()
    .replace(/User Id=[^;]*/i, `User Id=${role}`)
    .replace(/Password=[^;]*/i, "Password=pg-secret");
  const setSecret: Shop["setSecret"] = (change = (text) => text) =>
    app.putSecret(secret, change(good));
  await setSecret();
  const draft = () => ({ backupInstance: scene.properties(database, secret) });
  return {
    role,
    database,
    secret,
    admin,
    setSecret,
    findings: async () =>
      (await failureOf(client, "POST", `${sceneVault}/validateForBackup`, draft())) as Finding,
    validate: async () =>
      (await client.complete("POST", `${sceneVault}/validateForBackup`, draft())) as Validation,
    backUp: async () => {
      const instance = await scene.protect(database, database, secret);
      return (await scene.backUp(instance)).properties.status;
    },
  };
}

interface Finding extends ArmErrorBody {
  readonly target: string | null;
  readonly details: readonly Finding[] | null;
  readonly additionalInfo: readonly { readonly type: string; readonly info: UserFacing }[];
}
interface UserFacing {
  readonly code: string;
  readonly recommendedAction: readonly string[];
  readonly properties: Readonly<Record<string, string>> | null;
  readonly details: null;
}
interface Validation {
  readonly status: string;
  readonly properties?: { readonly notices?: readonly Readonly<Record<string, unknown>>[] };
}

const userFacing = (finding: Finding): UserFacing => {
  const found = finding.additionalInfo.find(({ type }) => type === "UserFacingError");
  if (found === undefined) throw new Error(`No UserFacingError in ${JSON.stringify(finding)}`);
  return found.info;
};

const lacks = [
  {
    what: "SELECT on a table",
    spoil: (role: string) => `REVOKE SELECT ON app.orders FROM "${role}"`,
    target: "table app.orders",
  },
  {
    what: "USAGE on a schema",
    spoil: (role: string) => `REVOKE USAGE ON SCHEMA app FROM "${role}"`,
    target: "schema app",
  },
  {
    what: "SELECT on a sequence",
    spoil: (role: string) => `REVOKE SELECT ON SEQUENCE app.customers_id_seq FROM "${role}"`,
    target: "sequence app.customers_id_seq",
  },
  {
    what: "sight of rows under row-level security",
    spoil: () => "ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY",
    target: "table app.orders",
  },
  {
    what: "SELECT on a large object",
    spoil: (role: string) => `REVOKE SELECT ON LARGE OBJECT 4711 FROM "${role}"`,
    target: "large object 4711",
  },
];

const spoilEverything = (role: string): string => lacks.map(({ spoil }) => spoil(role)).join("; ");

describe("a role that lacks one thing", () => {
  test.each(lacks)("$what: finding, its statement, success, backup", async ({ spoil, target }) => {
    const shop = await openShop();
    await shop.admin(spoil(shop.role));
    const finding = await shop.findings();
    expect(finding).toMatchObject({
      code: "UserErrorMissingDBPermissions",
      target,
      details: null,
    });
    expect(finding.message).toContain(shop.role);
    const { recommendedAction, properties } = userFacing(finding);
    expect(properties?.["GrantScript"]).toContain(`"${shop.role}"`);
    await shop.admin(String(recommendedAction[0]));
    expect(await shop.validate()).toMatchObject({ status: "Succeeded" });
    expect(await shop.backUp()).toBe("Completed");
  });

  test("the right password: the secret is read anew, without restart", async () => {
    const shop = await openShop();
    await shop.setSecret((good) => good.replace("pg-secret", "sesame"));
    const finding = await shop.findings();
    expect(finding.code).toBe("UserErrorDBUserAuthFailed");
    expect(JSON.stringify(finding)).not.toContain("sesame");
    await shop.setSecret();
    expect(await shop.validate()).toMatchObject({ status: "Succeeded" });
    expect(await shop.backUp()).toBe("Completed");
  });
});

describe("several problems at once", () => {
  test("are all told, and one grant script mends them", async () => {
    const shop = await openShop();
    await shop.admin(spoilEverything(shop.role));
    const finding = await shop.findings();
    expect(finding.details?.map(({ target }) => target).toSorted()).toEqual(
      lacks.map(({ target }) => target).toSorted(),
    );
    expect(finding.message).toContain("The first of 5 findings");
    for (const one of finding.details ?? []) {
      expect(userFacing(one).recommendedAction[0]).toMatch(/^(GRANT|ALTER ROLE) .*;$/);
    }
    await shop.admin(String(userFacing(finding).properties?.["GrantScript"]));
    expect(await shop.validate()).toMatchObject({ status: "Succeeded" });
    expect(await shop.backUp()).toBe("Completed");
  });

  test("are told wherever they lie: policy, other instance, secret", async () => {
    const shop = await openShop();
    await scene.protect("holder", shop.database, shop.secret);
    const finding = (await failureOf(scene.client, "POST", `${sceneVault}/validateForBackup`, {
      backupInstance: scene.properties(shop.database, "no-such-secret", "no-such-policy"),
    })) as Finding;
    expect(finding.details?.map(({ code }) => code)).toEqual([
      "UserErrorPolicyNotFound",
      "UserErrorDppDatasourceAlreadyProtected",
      "UserErrorInvalidSecret",
    ]);
  });

  test("stand in the instance whose protection cannot be configured", async () => {
    const shop = await openShop();
    await shop.admin(spoilEverything(shop.role));
    const path = instancePathOf("test-vault", "unready");
    await scene.client.operate("PUT", path, {
      properties: scene.properties(shop.database, shop.secret),
    });
    const instance = await until(path, (state) => state === "ConfiguringProtectionFailed");
    expect(instance.protectionErrorDetails?.details).toHaveLength(lacks.length);
    expect(instance.protectionErrorDetails?.properties?.["GrantScript"]).toContain(shop.role);
  });

  test("of a restore: the name is taken and the role may not create databases", async () => {
    const shop = await openShop();
    const instance = await scene.protect(`restore-${shop.database}`, shop.database, shop.secret);
    expect((await scene.backUp(instance)).properties.status).toBe("Completed");
    const [point] = await scene.recoveryPoints(instance);
    const restoreRequestObject = restoreRequest(point!.name, shop.database, shop.secret);
    const finding = await failureOf(scene.client, "POST", `${instance}/validateRestore`, {
      restoreRequestObject,
    });
    expect(finding.details?.map(({ code }) => code).toSorted()).toEqual([
      "UserErrorDatabaseNameAlreadyInUse",
      "UserErrorMissingRole",
    ]);
  });
});

test("what is noticed fails nothing: it stands in the validation and in the job's warnings", async () => {
  const shop = await openShop();
  await shop.admin(`
    CREATE FOREIGN DATA WRAPPER elsewhere;
    CREATE SERVER remote FOREIGN DATA WRAPPER elsewhere;
    CREATE FOREIGN TABLE app.remote_orders (id int) SERVER remote;`);
  expect((await shop.validate()).properties?.notices).toMatchObject([
    { kind: "ForeignTableDataNotIncluded", resourceName: "foreign table app.remote_orders" },
  ]);
  const job = await scene.backUp(await scene.protect("noticed", shop.database, shop.secret));
  expect(job.properties).toMatchObject({
    status: "Completed",
    extendedInfo: { warningDetails: [{ resourceName: "foreign table app.remote_orders" }] },
  });
});

test("the grant script by its own route lets a role without any right back up", async () => {
  const shop = await openShop();
  await shop.admin(`
    REVOKE CONNECT ON DATABASE ${shop.database} FROM PUBLIC;
    ${spoilEverything(shop.role)};`);
  expect((await shop.findings()).code).toBe("UserErrorMissingDBPermissions");
  const { dataSourceInfo, datasourceAuthCredentials } = scene.properties(
    shop.database,
    shop.secret,
  ) as { dataSourceInfo: object; datasourceAuthCredentials: object };
  const script = await scene.app
    .as("operator")
    .send<Record<string, string>>("POST", `${sceneVault}/grantScript`, {
      dataSourceInfo,
      datasourceAuthCredentials,
    });
  expect(script).toMatchObject({ database: shop.database, role: shop.role });
  await shop.admin(String(script["sql"]));
  await shop.admin(String(script["sql"]));
  expect(await shop.validate()).toMatchObject({ status: "Succeeded" });
  expect(await shop.backUp()).toBe("Completed");
  await shop.admin(String(script["revokeSql"]));
  const reader = await scene.app.as("reader").request("POST", `${sceneVault}/grantScript`, {});
  expect(reader.status).toBe(403);
});

test("a right that is lost later shows in the instance within a day, and vanishes when mended", async () => {
  const shop = await openShop();
  const path = await scene.protect("drifting", shop.database, shop.secret);
  await shop.admin(`REVOKE SELECT ON app.orders FROM "${shop.role}"`);
  await validateNow("drifting");
  const broken = await until(path, (state) => state === "ProtectionError");
  expect(broken.protectionErrorDetails).toMatchObject({
    code: "UserErrorMissingDBPermissions",
    target: "table app.orders",
  });
  expect(broken.protectionStatus.errorDetails).toEqual(broken.protectionErrorDetails);

  await shop.admin(String(broken.protectionErrorDetails?.recommendedAction[0]));
  expect((await scene.backUp(path)).properties.status).toBe("Completed");
  await validateNow("drifting");
  const mended = await until(path, (state) => state === "ProtectionConfigured");
  expect(mended.protectionErrorDetails).toBeUndefined();

  await tick("events");
  // Jobs that end are told too; these two are the instance's own.
  const told = () => events.filter(({ subject }) => subject === path);
  for (let wait = 0; wait < 100 && told().length < 2; wait += 1) await sleep(100);
  expect(told()).toMatchObject([
    { type: "Pgvault.BackupInstance.ProtectionErrorRaised" },
    { type: "Pgvault.BackupInstance.ProtectionErrorCleared" },
  ]);
  expect(events).toContainEqual(expect.objectContaining({ type: "Pgvault.BackupJob.Completed" }));
});

interface InstanceProperties {
  readonly currentProtectionState: string;
  readonly protectionStatus: { readonly errorDetails?: object };
  readonly protectionErrorDetails?: UserFacing & { readonly details: readonly unknown[] | null };
}

async function until(
  path: string,
  reached: (state: string) => boolean,
): Promise<InstanceProperties> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { properties } = await scene.client.send<{ properties: InstanceProperties }>("GET", path);
    if (reached(properties.currentProtectionState)) return properties;
    await sleep(100);
  }
  throw new Error(`${path} did not get there.`);
}

/** Makes the instance's next validation due now and starts the tick, as the host does by the minute. */
async function validateNow(instance: string): Promise<void> {
  const account = { connectionString: scene.app.storage };
  const { due } = createCatalog({
    tables: createTableStore({ account }),
    blobs: createBlobStore({ account, container: "pgvault" }),
  });
  const dayAhead = new Date(Date.now() + 24 * 3_600_000).toISOString();
  const [soonest] = (await due.upTo("validation", dayAhead, 100)).filter(
    ({ payload }) => payload["instanceName"] === instance,
  );
  if (soonest === undefined) throw new Error(`No validation of ${instance} is planned.`);
  await due.put({ ...soonest, at: new Date().toISOString() });
  await due.remove(soonest);
  await tick("validation");
}

async function tick(name: string): Promise<void> {
  const answer = await fetch(`${scene.app.baseUrl}/admin/functions/tick-${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"input":""}',
  });
  expect(answer.status).toBe(202);
}
