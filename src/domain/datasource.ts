import { parseResourceId } from "./resource-id.ts";

/** What is protected: a database (or, for the flexible-server type, a server), as ARM names it. */
export interface Datasource {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly resourceType: string;
  readonly datasourceType: string;
  readonly resourceLocation: string;
  readonly resourceUri: string;
}

/**
 * The datasource types that pgvault protects. The last is an extension: Azure has no
 * database-level type for flexible servers (shared/reference/arm-contract.md §4.1).
 */
export const datasourceTypes = [
  "Microsoft.DBforPostgreSQL/servers/databases",
  "Microsoft.DBforPostgreSQL/flexibleServers",
  "Microsoft.DBforPostgreSQL/flexibleServers/databases",
] as const;
export type DatasourceType = (typeof datasourceTypes)[number];

export const parseDatasourceType = (text: string): DatasourceType | undefined =>
  datasourceTypes.find((type) => type.toLowerCase() === text.toLowerCase());

/**
 * Name of the database inside the datasource id; undefined for a whole flexible server, where the
 * connection string of the secret names the database.
 */
export function databaseNameOf(datasource: Pick<Datasource, "resourceId">): string | undefined {
  const parsed = parseResourceId(datasource.resourceId);
  return parsed?.type.toLowerCase().endsWith("/databases") ? parsed.names.at(-1) : undefined;
}

/** Name of the server inside the datasource id. */
export const serverNameOf = (datasource: Pick<Datasource, "resourceId">): string | undefined =>
  parseResourceId(datasource.resourceId)?.names[0];

/** Where the credentials of a server are kept: a secret, or none (Microsoft Entra identity). */
export type Credentials =
  | { readonly kind: "secret"; readonly uri: string }
  | { readonly kind: "identity" };
