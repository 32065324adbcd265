/** How to run one app. Plain values only: they also travel to a child process. */
export interface HostOptions {
  readonly appDirectory: string;
  /** Durable state, timer statuses, keys and the lock. Made if it is not there. */
  readonly stateDirectory: string;
  /** Default 127.0.0.1. Any address that others can reach needs `enableAuth`. */
  readonly address?: string;
  /** 0: any free one. Default: `Host.LocalHttpPort` of local.settings.json, else 7071. */
  readonly port?: number;
  /** PEM files. Default: plain HTTP. */
  readonly https?: { readonly keyPath: string; readonly certPath: string };
  /** Asks callers for function keys, as in Azure. Default: every caller is trusted. */
  readonly enableAuth?: boolean;
  /** Timers with shorter gaps between runs keep no status. Default: a minute, as in Azure. */
  readonly minimumMonitoredMs?: number;
}
