import { fault } from "../../../domain/fault.ts";
import type { RecoveryPoint } from "../../../domain/recovery-point.ts";
import { refuse } from "./answers.ts";
import { instanceRefOf } from "./load.ts";
import type { ApiCall } from "./operation-record.ts";

/** The recovery point that a request names; ids are 32 hex digits, sent with dashes by some. */
export async function loadPoint(call: ApiCall, id: string): Promise<RecoveryPoint> {
  const instance = instanceRefOf(call);
  const canonicalId = id.replaceAll("-", "").toLowerCase();
  const known = /^[0-9a-z]{1,64}$/.test(canonicalId)
    ? await call.catalog.recoveryPoints.get(instance, canonicalId)
    : undefined;
  const values = { recoveryPoint: id, instance: instance.instanceName };
  return (
    known?.value ??
    refuse(fault("UserErrorRecoveryPointNotFound", values, { target: "recoveryPointId" }))
  );
}
