import { beforeEach, expect, test } from "vitest";
import { putEvent } from "../../../src/activities/outbox.ts";
import { dayMs } from "../../../src/domain/instant.ts";
import type { VaultEvent } from "../../../src/domain/vault-event.ts";
import { runEventTick } from "../../../src/triggers/timer/event-tick.ts";
import { createRig, type Rig } from "../../activities/rig.ts";

let rig: Rig;
let sent: VaultEvent[];
let refusing: boolean;

beforeEach(() => {
  rig = createRig();
  sent = [];
  refusing = false;
});

const publisher = {
  publish: async (event: VaultEvent) => {
    if (refusing) throw new Error("refused");
    sent.push(event);
  },
};
const tick = () => runEventTick({ ...rig.ports, publisher });

const event = (id: string): VaultEvent => ({
  specversion: "1.0",
  id,
  source: "/vault",
  type: "Pgvault.BackupInstance.ProtectionErrorRaised",
  subject: "/instance",
  time: new Date(rig.clock.now()).toISOString(),
  datacontenttype: "application/json",
  data: { any: "thing" },
});
const put = (one: VaultEvent, sendsEvents = true) =>
  putEvent({ catalog: rig.catalog, settings: { ...rig.ports.settings, sendsEvents } }, one);

test("what lies in the outbox is sent once, as it was laid there", async () => {
  await put(event("a"));
  await put(event("a"));
  await put(event("b"));
  expect(await tick()).toMatchObject({ served: 2, failures: [] });
  await tick();
  expect(sent).toEqual([event("a"), event("b")]);
});

test("what was refused is sent a minute later, unchanged", async () => {
  const first = event("a");
  await put(first);
  refusing = true;
  expect((await tick()).failures).toHaveLength(1);
  refusing = false;
  await tick();
  expect(sent).toEqual([]);
  rig.clock.advance(60_000);
  await tick();
  expect(sent).toEqual([first]);
});

test("what nobody took for a week is given up", async () => {
  await put(event("a"));
  refusing = true;
  for (let days = 0; days < 8; days += 1) {
    await tick();
    rig.clock.advance(dayMs);
  }
  refusing = false;
  expect((await tick()).failures).toEqual([]);
  expect(sent).toEqual([]);
  expect(await rig.catalog.due.upTo("event", "2200-01-01T00:00:00.000Z", 10)).toEqual([]);
});

test("nothing is laid there where nobody is told", async () => {
  await put(event("a"), false);
  expect(await tick()).toMatchObject({ served: 0 });
});
