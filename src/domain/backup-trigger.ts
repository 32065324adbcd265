/** Why a backup runs: somebody asked, or the schedule says so. */
export type BackUpTrigger =
  | {
      readonly kind: "adhoc";
      /** A backup rule, or (as Azure's documentation shows) a retention rule. */
      readonly ruleName: string;
      readonly retentionTagOverride?: string;
    }
  | {
      readonly kind: "scheduled";
      /** ISO instant of the schedule that is served. */
      readonly dueAt: string;
      /** Earlier instants that this run stands for, because no host ran when they were due. */
      readonly missed: number;
    };
