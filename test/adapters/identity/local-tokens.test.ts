import { describe, expect, test } from "vitest";
import { createLocalAuthenticator } from "../../../src/adapters/identity/local-tokens.ts";

const tokens = { contributor: "c-token", operator: "o-token", reader: "r-token" };

describe("local tokens", () => {
  test.each([
    ["c-token", "local contributor", ["Backup Contributor", "Owner"]],
    ["o-token", "local operator", ["Backup Operator"]],
    ["r-token", "local reader", ["Backup Reader"]],
  ])("%s is %s", async (token, name, roles) => {
    const answer = await createLocalAuthenticator(tokens).authenticate(token);
    expect(answer).toMatchObject({ ok: true, value: { name } });
    if (answer.ok) expect(answer.value.grants.map(({ role }) => role)).toEqual(roles);
  });

  test.each(["", "c-toke", "c-token ", "C-TOKEN", "undefined", "x".repeat(10_000)])(
    "'%s' is nobody",
    async (token) => {
      expect(await createLocalAuthenticator(tokens).authenticate(token)).toMatchObject({
        ok: false,
        error: { code: "AuthenticationFailed" },
      });
    },
  );

  test("an approver that was not given a token, or an empty one, cannot be impersonated", async () => {
    for (const approver of [undefined, ""]) {
      const authenticator = createLocalAuthenticator(
        approver === undefined ? tokens : { ...tokens, approver },
      );
      for (const token of ["", "undefined", "null"]) {
        expect(await authenticator.authenticate(token)).toMatchObject({ ok: false });
      }
    }
  });
});
