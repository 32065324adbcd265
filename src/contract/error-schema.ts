import { z } from "zod";

const detailShape = {
  code: z.string(),
  message: z.string(),
  target: z.string().nullable(),
  additionalInfo: z.array(z.object({ type: z.string(), info: z.record(z.string(), z.unknown()) })),
};

/** `CloudError`, as error-body.ts writes it. */
export const cloudErrorSchema = z.object({
  error: z.object({ ...detailShape, details: z.array(z.object(detailShape)).nullable() }),
});
