/** What JSON can carry; the only thing that crosses a workflow, a table row or the wire. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
