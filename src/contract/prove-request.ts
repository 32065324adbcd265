import { z } from "zod";
import type { ProofServer } from "../domain/restore-spec.ts";
import { credentialsSchema, datasourceSchema, readCredentials } from "./datasource.ts";

/** pgvault's own: where to prove a recovery point; absent members mean the instance's own server. */
export const proveRequestSchema = z.object({
  /** Also hash the content of every table. */
  checksums: z.boolean().default(false),
  server: z
    .object({
      datasourceInfo: datasourceSchema,
      datasourceAuthCredentials: credentialsSchema.exactOptional(),
    })
    .exactOptional(),
});

export const readProofServer = (
  wire: z.output<typeof proveRequestSchema>,
): ProofServer | undefined =>
  wire.server && {
    resourceId: wire.server.datasourceInfo.resourceID,
    credentials: readCredentials(wire.server.datasourceAuthCredentials),
  };
