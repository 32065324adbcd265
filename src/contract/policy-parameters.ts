import { z } from "zod";
import { dataStoreTypes } from "./resource-parts.ts";

/** `policyInfo.policyParameters`; PostgreSQL needs none, but clients send and expect them back. */
export const policyParametersSchema = z.object({
  dataStoreParametersList: z
    .array(
      z.object({
        objectType: z.string().max(100),
        dataStoreType: z.enum(dataStoreTypes),
        resourceGroupId: z.string().max(1024).exactOptional(),
      }),
    )
    .max(10)
    .exactOptional(),
  backupDatasourceParametersList: z
    .array(
      z.object({
        objectType: z.string().max(100),
        backupSolutionType: z.enum(["LogicalBackup", "PhysicalBackup"]).exactOptional(),
      }),
    )
    .max(10)
    .exactOptional(),
});
