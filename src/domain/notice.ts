/** What a check found that works differently from what one might expect; nothing fails because of it. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Such as `foreign table public.remote_orders`. */
  readonly resourceName: string;
  readonly warning: string;
  /** A statement first where one helps. */
  readonly recommendedAction: readonly string[];
}

export type NoticeKind =
  | "ForeignTableDataNotIncluded"
  | "SubscriptionNotIncluded"
  | "UnloggedTableNotIncluded"
  | "Standby"
  | "LockConflict"
  | "LongTransaction"
  | "LockTableTooSmall";
