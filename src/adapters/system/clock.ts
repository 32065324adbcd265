import { randomUUID } from "node:crypto";
import type { Clock, IdSource } from "../../ports/clock.ts";

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** Random version 4 GUIDs. */
export const randomIds: IdSource = { newGuid: () => randomUUID() };
