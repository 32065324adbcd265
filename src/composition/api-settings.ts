import { type ApiSettings, defaultApiSettings } from "../triggers/http/api/operation-record.ts";
import type { Config } from "./config.ts";

/** Limits and links of the HTTP API. */
export const apiSettingsOf = (config: Config): ApiSettings => ({
  ...defaultApiSettings,
  retryAfterSeconds: config.PGVAULT_RETRY_AFTER,
  ...(config.PGVAULT_PUBLIC_URL === undefined ? {} : { publicBaseUrl: config.PGVAULT_PUBLIC_URL }),
});
