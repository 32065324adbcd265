import { z } from "zod";
import { subscriptionPattern } from "./names.ts";

/** Azure Resource Graph's own bounds. */
const maxTop = 1000;

/** `QueryRequest` of Microsoft.ResourceGraph. */
export const graphRequestSchema = z.object({
  subscriptions: z.array(z.string().regex(subscriptionPattern)).min(1).max(100),
  query: z.string().min(1),
  options: z
    .object({
      $top: z.number().int().min(1).max(maxTop).default(maxTop),
      $skip: z.number().int().min(0).default(0),
      $skipToken: z.string().max(100).exactOptional(),
      resultFormat: z.enum(["objectArray"]).default("objectArray"),
      allowPartialScopes: z.boolean().exactOptional(),
    })
    .default({ $top: maxTop, $skip: 0, resultFormat: "objectArray" }),
});
