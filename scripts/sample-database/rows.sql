-- Deterministic: the same sample.scale makes the same rows, byte for byte.
-- sample.scale = 1 makes about 0.9 MB of table data.

CREATE FUNCTION pg_temp.scaled(per_scale integer) RETURNS integer STABLE LANGUAGE sql
  AS $$ SELECT greatest(1, per_scale * current_setting('sample.scale')::integer) $$;
-- 0 <= dice(n, salt, sides) < sides, the same on every server.
CREATE FUNCTION pg_temp.dice(n bigint, salt integer, sides integer) RETURNS integer IMMUTABLE LANGUAGE sql
  AS $$ SELECT mod(abs(hashint8extended(n, salt::bigint) % 2147483647), sides)::integer $$;
CREATE FUNCTION pg_temp.pick(words text[], n bigint, salt integer) RETURNS text IMMUTABLE LANGUAGE sql
  AS $$ SELECT words[1 + pg_temp.dice(n, salt, cardinality(words))] $$;
-- `length` bytes that hardly compress; at most 9600.
CREATE FUNCTION pg_temp.noise(n bigint, length integer) RETURNS bytea IMMUTABLE LANGUAGE sql
  AS $$ SELECT substring(string_agg(sha256(convert_to(n || ':' || part, 'UTF8')), NULL ORDER BY part)
               FROM 1 FOR length)
        FROM generate_series(1, (length + 31) / 32) AS part $$;

INSERT INTO shop.customer (name, mail, home, tags, preferences, born_on, photo, created_at)
SELECT first || ' ' || last,
       'customer' || n || '@example.org',
       ROW(street || ' ' || pg_temp.dice(n, 3, 200), city, lpad(pg_temp.dice(n, 4, 99999)::text, 5, '0'), 'DE')::shop.address,
       CASE pg_temp.dice(n, 5, 4) WHEN 0 THEN '{}' WHEN 1 THEN '{wholesale}' WHEN 2 THEN ARRAY['stammkunde', 'größe L', NULL]
            ELSE ARRAY['newsletter', city] END,
       jsonb_build_object('language', pg_temp.pick('{de,en,fr,日本語}', n, 6), 'paper', n % 3 = 0,
                          'limits', jsonb_build_array(n % 100, NULL, n / 7.0)),
       CASE WHEN n % 11 <> 0 THEN date '1940-01-01' + pg_temp.dice(n, 7, 25000) END,
       CASE WHEN n % 50 = 0 THEN pg_temp.noise(n, 2000 + pg_temp.dice(n, 8, 4000)) END,
       timestamptz '2022-01-01 00:00:00+00' + n * interval '1 minute'
FROM generate_series(1, pg_temp.scaled(250)) AS n,
     LATERAL (SELECT pg_temp.pick('{Zoë,Björn,Miyuki,Aïsha,Łukasz,Ana,John,Σοφία,Олег,李娜}', n, 0) AS first,
                     pg_temp.pick('{Müller,O''Neill,Øster,Nakamura,"de la Cruz",Smith,Şahin,"van der Berg"}', n, 1) AS last,
                     pg_temp.pick('{Hauptstraße,"Rue de l''Été","Main Street",中山路,Åsgatan}', n, 2) AS street,
                     pg_temp.pick('{Köln,Malmö,Paris,København,東京,Leeds}', n, 9) AS city) AS invented;

INSERT INTO shop.product (sku, name, net_price, vat_rate, attributes, size_mm, available)
SELECT pg_temp.pick('{SH,BO,HA,TO}', n, 10) || '-' || n,
       pg_temp.pick('{Stuhl,Tisch,Lampe,Teppich,Regal,Öse}', n, 11) || ' №' || n,
       pg_temp.dice(n, 12, 100000) / 100.0,
       CASE WHEN n % 5 = 0 THEN 0.070 ELSE 0.190 END,
       CASE WHEN n % 9 <> 0 THEN jsonb_build_object('colour', pg_temp.pick('{rot,grün,blau}', n, 13), 'weightKg', n % 40, 'naïve', NULL) END,
       ARRAY[[n % 100, n % 90], [n % 80, n % 70]],
       daterange(date '2023-01-01' + n % 300, CASE WHEN n % 4 <> 0 THEN date '2025-01-01' + n % 300 END)
FROM generate_series(1, least(pg_temp.scaled(40), 5000)) AS n;

INSERT INTO shop."order" (id, placed_on, customer_id, status, note, changed_at)
SELECT n,
       date '2022-12-20' + (n % 1130)::integer,
       1 + pg_temp.dice(n, 20, pg_temp.scaled(250)),
       (enum_range(NULL::shop.order_status))[1 + pg_temp.dice(n, 21, 5)],
       CASE pg_temp.dice(n, 22, 6) WHEN 0 THEN 'Bitte klingeln bei "Müller"' WHEN 1 THEN '' WHEN 2 THEN E'line one\nline two\tand a \\ backslash' END,
       timestamptz '2023-01-01 00:00:00+00' + n * interval '17 seconds'
FROM generate_series(1, pg_temp.scaled(1200)) AS n;

INSERT INTO shop.order_line (placed_on, order_id, line, product_id, quantity, unit_price, remark)
SELECT o.placed_on, o.id, line,
       1000 + 10 * pg_temp.dice(o.id * 10 + line, 30, least(pg_temp.scaled(40), 5000)),
       1 + pg_temp.dice(o.id * 10 + line, 31, 12),
       pg_temp.dice(o.id * 10 + line, 32, 90000) / 100.0,
       CASE WHEN pg_temp.dice(o.id, 33, 3) = 0 THEN 'gift wrapping, card: ' || md5(o.id::text) END
FROM shop."order" AS o, generate_series(1, 1 + pg_temp.dice(o.id, 34, 4)) AS line;

INSERT INTO ledger.account (id, parent_id, label)
SELECT n, CASE WHEN n > 10 THEN n / 10 END, 'Konto ' || n || pg_temp.pick('{ Erlöse, Aufwand, "Forderungen (§ 19)"}', n, 40)
FROM generate_series(1, 999) AS n;

INSERT INTO ledger.entry (id, account_id, side, amount, booked_at, memo, detail, fingerprint)
SELECT n,
       1 + pg_temp.dice(n, 50, 999),
       (enum_range(NULL::ledger.side))[1 + n % 2],
       (1 + pg_temp.dice(n, 51, 5000000)) / 100.0,
       timestamptz '2023-01-01 00:00:00+00' + n * interval '3 seconds',
       pg_temp.pick('{Rechnung,Gutschrift,Zahlungseingang,"Überweisung an",Storno}', n, 52) || ' ' || n || ' – ' || md5((n / 3)::text),
       CASE WHEN n % 4 = 0 THEN jsonb_build_object('invoice', n / 4, 'lines', jsonb_build_array(n % 7, n % 11), 'paid', n % 3 = 0) END,
       sha256(int8send(n))
FROM generate_series(1, pg_temp.scaled(2400)) AS n;

INSERT INTO "Lager Süd"."Artikel-Größe" ("Ståhl №", "描述", "emoji 🐘")
SELECT n, '数量 ' || n || ' 件', repeat('🐘', n % 5) FROM generate_series(1, 300) AS n;

INSERT INTO shop.awkward_value VALUES
  (1, '', '\x', 'NaN', 'NaN', 'NaN', 'infinity', '-infinity', '0', 'null', 'null', '{}', '', '::', NULL, '(-0,0)', NULL),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, '\N', '\x5c2e0a', 1e-100, '-0', '1e-38', '4713-01-01 BC', '0044-03-15 12:00 BC', '-1 year +2 days', '{"a": [1, {"b": null}]}',
   '{ "b" :1,  "a":2, "a": 3 }', ARRAY['{', '}', 'a,b', '"', '\', NULL, 'NULL', ''], B'1011', '2001:db8::1/64', '<a b="ü">&amp;</a>', '(1.1,2.2)',
   'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
  (4, E'tab\there\nnewline\rreturn\\.\n\\.', (SELECT string_agg(set_byte('\x00', 0, byte), NULL ORDER BY byte) FROM generate_series(0, 255) AS byte), -99999999999999999999999999999999.000000000000000000000001,
   '1.7976931348623157e308', '3.4028235e38', '5874897-12-31', '294276-12-31 23:59:59.999999', '178000000 years', '"\u00e4 \\ \" 🐘"', '[ ]',
   '[2:3]={x,y}', B'', '10.0.0.0/8', NULL, '(1e300,-1e300)', NULL),
  (5, repeat('Große Zeile – 長い行 🐘 ', 20000), pg_temp.noise(5, 9600), 0.0, '5e-324', '-0', '2000-02-29', '2024-12-31 23:59:59', '1 mon -1 day 00:00:00.000001',
   jsonb_build_object('long', repeat('x', 100000)), NULL, array_fill('z'::text, ARRAY[1000]), NULL, NULL, NULL, NULL, NULL);

-- Large objects: ordinary, empty, of many pages, and one with a hole.
SELECT lo_from_bytea(424200 + n, pg_temp.noise(n, 500 + 300 * n)) FROM generate_series(1, 20) AS n;
SELECT lo_from_bytea(424300, '\x');
SELECT lo_from_bytea(424301, string_agg(pg_temp.noise(part, 9600), NULL ORDER BY part)) FROM generate_series(1, 40) AS part;
SELECT lo_put(lo_create(424302), 1000000, '\x656e64');
COMMENT ON LARGE OBJECT 424301 IS 'Scan of the lease, Außenlager';
INSERT INTO audit.event (happened, what, scan)
SELECT timestamptz '2024-06-01 00:00:00+00' + n * interval '1 day', 'scan ' || n, 424200 + n FROM generate_series(1, 20) AS n;
