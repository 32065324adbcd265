import type { z } from "zod";
import { type Fault, fault } from "../domain/fault.ts";
import { failed, ok, type Result } from "../domain/result.ts";
import { canonical } from "./canonical.ts";

/** At most so many complaints are listed about one body. */
const maxComplaints = 10;

/** Reads a request body by its schema: tolerant in, canonical out. */
export function parseBody<S extends z.ZodType>(
  schema: S,
  body: unknown,
): Result<z.output<S>, Fault> {
  const parsed = schema.safeParse(canonical(schema, body));
  if (parsed.success) return ok(parsed.data);
  const complaints = parsed.error.issues
    .slice(0, maxComplaints)
    .map((issue) => complaint(issue.path, issue.message));
  return failed(describe(complaints));
}

interface Complaint {
  readonly target: string;
  readonly detail: string;
}

const complaint = (path: readonly PropertyKey[], message: string): Complaint => {
  const target = path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : text === ""
          ? String(key)
          : `${text}.${String(key)}`,
    "",
  );
  return { target, detail: target === "" ? message : `${target}: ${message}` };
};

function describe(complaints: readonly Complaint[]): Fault {
  const [first] = complaints;
  return fault(
    "InvalidRequestContent",
    { detail: complaints.map(({ detail }) => detail).join("; ") },
    {
      ...(first === undefined || first.target === "" ? {} : { target: first.target }),
      ...(complaints.length < 2
        ? {}
        : {
            details: complaints.map(({ target, detail }) =>
              fault("InvalidRequestContent", { detail }, target === "" ? {} : { target }),
            ),
          }),
    },
  );
}
