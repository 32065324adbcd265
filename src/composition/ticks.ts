import { createAbandonJob } from "../activities/abandon-job.ts";
import { createPurgeDeleted } from "../activities/lifecycle/purge-deleted.ts";
import { createReviewRecoveryPoint } from "../activities/lifecycle/review-recovery-point.ts";
import { planNextBackup } from "../activities/plan-next-backup.ts";
import { planValidation } from "../activities/plan-validation.ts";
import type { ActivityPorts } from "../activities/ports.ts";
import type { EventPublisher } from "../ports/event-publisher.ts";
import { runEventTick } from "../triggers/timer/event-tick.ts";
import { runJobWatch } from "../triggers/timer/job-watch.ts";
import { runLifecycleTick } from "../triggers/timer/lifecycle-tick.ts";
import type { Ticks } from "../triggers/timer/register.ts";
import { runScheduleTick } from "../triggers/timer/schedule-tick.ts";
import { runValidationTick } from "../triggers/timer/validation-tick.ts";

/** What the timers do, bound to the ports. */
export function createTicks(ports: ActivityPorts, publisher?: EventPublisher): Ticks {
  const { catalog, clock } = ports;
  const reviewRecoveryPoint = createReviewRecoveryPoint(ports);
  const purgeDeleted = createPurgeDeleted(ports);
  const abandonJob = createAbandonJob(ports);
  return {
    schedule: (workflows) =>
      runScheduleTick(
        { catalog, clock, planNextBackup: (ref, served) => planNextBackup(ports, ref, served) },
        workflows,
      ),
    lifecycle: () => runLifecycleTick({ catalog, clock, reviewRecoveryPoint, purgeDeleted }),
    validation: (workflows) =>
      runValidationTick(
        { catalog, clock, planValidation: (ref) => planValidation(ports, ref) },
        workflows,
      ),
    ...(publisher === undefined
      ? {}
      : { events: () => runEventTick({ catalog, clock, publisher }) }),
    jobWatch: (workflows) => runJobWatch({ catalog, clock, abandonJob }, workflows),
  };
}
