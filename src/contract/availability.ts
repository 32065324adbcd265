import { z } from "zod";
import { datasourceTypes } from "../domain/datasource.ts";
import type { JsonObject } from "../domain/json.ts";

export const checkNameSchema = z.object({
  name: z.string().max(200),
  type: z.string().max(200).exactOptional(),
});

export const featureRequestSchema = z.object({
  objectType: z.literal("FeatureValidationRequest").exactOptional(),
  featureType: z.enum(["DataSourceType", "Invalid"]).exactOptional(),
  featureName: z.string().max(200).exactOptional(),
});

export type NameVerdict =
  | { readonly available: true }
  | {
      readonly available: false;
      readonly reason: "AlreadyExists" | "Invalid";
      readonly message: string;
    };

export const presentNameVerdict = (verdict: NameVerdict): JsonObject =>
  verdict.available
    ? { nameAvailable: true }
    : { nameAvailable: false, reason: verdict.reason, message: verdict.message };

/** Which datasource types are protected here: the one that is asked for, or all. */
export function presentFeatureSupport(request: z.output<typeof featureRequestSchema>): JsonObject {
  const asked = request.featureName;
  const names = asked === undefined ? datasourceTypes : [asked];
  const known = new Set(datasourceTypes.map((type) => type.toLowerCase()));
  return {
    objectType: "FeatureValidationResponse",
    featureType: request.featureType ?? "DataSourceType",
    features: names.map((featureName) => ({
      featureName,
      supportStatus: known.has(featureName.toLowerCase()) ? "GenerallyAvailable" : "NotSupported",
      exposureControlledFeatures: [],
    })),
  };
}
