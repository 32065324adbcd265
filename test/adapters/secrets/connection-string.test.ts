import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConnectionString } from "../../../src/adapters/secrets/connection-string.ts";

/** Reveals the password, so that everything can be compared. */
function read(text: string): Record<string, unknown> {
  const parsed = parseConnectionString(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return { ...parsed.value, password: parsed.value.password.reveal() };
}

const plain = { host: "h", port: 5432, user: "u", password: "p", sslMode: "prefer" };

describe("parseConnectionString reads", () => {
  it("the string that the Azure portal shows", () => {
    expect(
      read(
        "Server=pg1.postgres.database.azure.com;Database=orders;Port=5432;User Id=app@pg1;Password=s3cr=t!;Ssl Mode=Require;",
      ),
    ).toEqual({
      host: "pg1.postgres.database.azure.com",
      port: 5432,
      database: "orders",
      user: "app@pg1",
      password: "s3cr=t!",
      sslMode: "require",
    });
  });

  it.each([
    "Host=h;Username=u;Password=p",
    "HOST=h;USERNAME=u;PASSWORD=p;",
    "server = h ; user id = u ; pwd = p ;",
    "Data Source=h;UserId=u;PSW=p",
    "Address=h;User Name=u;PWD=p",
    "Addr=h;UID=u;Password=p;;;",
    "Network Address=h;User=u;Password=p;\n",
    "  ;; Host=h;\n\tUser_Id=u;\n\tPassword=p",
    "Host=first;Host=h;Username=u;Password=p",
    'Host="h";Username=\'u\';Password="p"',
    "Host=h;Username=u;Password=p;Pooling=true;Timeout=15;Application Name=x",
    "Host=h;Username=u;Password=p;Database=;Port=;Ssl Mode=",
  ])("%j", (text) => {
    expect(read(text)).toEqual(plain);
  });

  it.each([
    ["Password=a;", "a"],
    ["Password=;", ""],
    ["Password=", ""],
    ["Password= a b ;", "a b"],
    ["Password=' a ';", " a "],
    ['Password="a;b";', "a;b"],
    ["Password='a\"b';", 'a"b'],
    ['Password="a""b";', 'a"b'],
    ["Password='it''s';", "it's"],
    ["Password=it's", "it's"],
    ["Password=a=b==c;", "a=b==c"],
    ["Password={brace;", "{brace"],
    ["Password={a}b;", "{a}b"],
    ["Password='=start';", "=start"],
    ["Password=käse🧀", "käse🧀"],
    ['Password=""', ""],
  ])("the password of %j", (text, password) => {
    expect(read(`${text.replace(/;?$/, ";")}Host=h;Username=u`)).toEqual({ ...plain, password });
  });

  it("any password that is quoted as .NET quotes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom('"', "'"), (password, quote) => {
        const quoted = `${quote}${password.replaceAll(quote, quote + quote)}${quote}`;
        const text = `Host=h;Password=${quoted};Username=u`;
        expect(read(text)).toEqual({ ...plain, password });
      }),
    );
  });

  it.each([
    ["Disable", "disable"],
    ["ALLOW", "allow"],
    ["prefer", "prefer"],
    ["Require", "require"],
    ["VerifyCA", "verify-ca"],
    ["verify-ca", "verify-ca"],
    ["Verify Full", "verify-full"],
    ["verify-full", "verify-full"],
  ])("Ssl Mode=%s", (text, sslMode) => {
    for (const key of ["Ssl Mode", "SslMode", "SSL Mode", "sslmode"]) {
      expect(read(`Host=h;Username=u;Password=p;${key}=${text}`)).toEqual({ ...plain, sslMode });
    }
  });

  it.each([
    ["Host=h:6432", { host: "h", port: 6432 }],
    ["Host=h;Port=6432", { host: "h", port: 6432 }],
    ["Host=::1;Port=6432", { host: "::1", port: 6432 }],
    ["Host=[::1]:6432", { host: "::1", port: 6432 }],
    ["Host=[fe80::1]", { host: "fe80::1", port: 5432 }],
    ["Host=/var/run/postgresql", { host: "/var/run/postgresql", port: 5432 }],
  ])("the place of %s", (text, place) => {
    expect(read(`${text};Username=u;Password=p`)).toEqual({ ...plain, ...place });
  });

  it("a root certificate as text or as path, whatever Trust Server Certificate says", () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const base = "Host=h;Username=u;Password=p;Trust Server Certificate=true;Root Certificate=";
    expect(read(`${base}'${pem}'`)).toEqual({ ...plain, rootCertificate: { pem } });
    expect(read(`${base}/etc/ca.pem`)).toEqual({
      ...plain,
      rootCertificate: { path: "/etc/ca.pem" },
    });
  });
});

describe("parseConnectionString refuses", () => {
  it.each([
    ["", "names no Server"],
    ["just-a-password", "entry 1"],
    ["postgres://u:hunter2@h/db", "postgres:// URI"],
    ["Username=u;Password=p", "names no Server"],
    ["Host=h;Password=p", "names no User Id"],
    ["Host=h;Username=u", "has no Password"],
    ["Host=h;Username=u;Password={your_password}", "placeholder"],
    ["Host=h;Username=u;Password=p;Ssl Mode=on", "Ssl Mode"],
    ["Host=h;Username=u;Password=p;Trust Server Certificate=maybe", "Trust Server Certificate"],
    ["Host=h;Username=u;Password=p;Port=0", "Port"],
    ["Host=h;Username=u;Password=p;Port=65536", "Port"],
    ["Host=h;Username=u;Password=p;Port=5432a", "Port"],
    ["Host=a,b;Username=u;Password=p", "not one host"],
    ["Server=tcp:h,1433;Username=u;Password=p", "not one host"],
    ["Host=h;Username=u;Password='open", "entry 3"],
    ["Host=h;Username=u;Password='a'b;", "entry 3"],
    ["Host=h;Username=u;Password=a;b", "entry 4"],
    ["Host=h;Username=u;Password==p", "entry 3"],
    ["=x;Host=h", "entry 1"],
  ])("%j", (text, reason) => {
    const parsed = parseConnectionString(text);
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });

  it("without repeating any of the secret", () => {
    const secret = fc.stringMatching(/^[A-Z0-9]{12}$/);
    const shapes = [
      (s: string) => s,
      (s: string) => `Host=h;Username=u;Password=x;${s}`,
      (s: string) => `Host=h;Username=u;Password='${s}`,
      (s: string) => `Host=h;Username=u;Password='${s}'${s}`,
      (s: string) => `Password=x;${s}=${s}`,
      (s: string) => `Host=h;Username=u;Password=${s};Ssl Mode=${s}`,
      (s: string) => `Host=h;Username=u;Password=${s};Port=${s}`,
      (s: string) => `Host=${s} ${s};Username=u;Password=x`,
      (s: string) => `postgres://u:${s}@h/db`,
    ];
    fc.assert(
      fc.property(secret, fc.constantFrom(...shapes), (text, shape) => {
        const parsed = parseConnectionString(shape(text));
        expect(parsed.ok).toBe(false);
        expect(JSON.stringify(parsed)).not.toContain(text);
      }),
    );
  });

  it("anything at all, without ever throwing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("Hosta='\"; {}\n")) }),
        (text) => {
          expect(typeof parseConnectionString(text).ok).toBe("boolean");
        },
      ),
    );
  });
});
