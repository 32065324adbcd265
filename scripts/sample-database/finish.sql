-- What follows the rows: sequences in use, indexes, derived objects, code and rules.

SELECT setval('shop.invoice_number', 1000 + 7 * 4711);
SELECT setval('ledger.closing_number', -400, false);

-- Checked in bulk here: ten times faster than row by row.
ALTER TABLE shop.order_line
  ADD FOREIGN KEY (product_id) REFERENCES shop.product DEFERRABLE INITIALLY DEFERRED,
  ADD FOREIGN KEY (placed_on, order_id) REFERENCES shop."order" (placed_on, id) ON DELETE CASCADE;
CREATE INDEX customer_preferences ON shop.customer USING gin (preferences jsonb_path_ops);
CREATE INDEX customer_tags ON shop.customer USING gin (tags);
CREATE INDEX customer_searchable ON shop.customer USING gin (searchable);
CREATE INDEX "kunde nach Straße" ON shop.customer (((home).street) text_pattern_ops) WHERE born_on IS NOT NULL;
CREATE INDEX ON shop."order" (customer_id);
CREATE INDEX entry_booked_at ON ledger.entry USING brin (booked_at);
CREATE INDEX entry_account ON ledger.entry (account_id, booked_at DESC) INCLUDE (amount);
CREATE STATISTICS ledger.entry_side (dependencies, ndistinct) ON account_id, side FROM ledger.entry;
ALTER TABLE shop.product ALTER COLUMN attributes SET STORAGE EXTERNAL;
ALTER TABLE ledger.entry ALTER COLUMN memo SET STATISTICS 250;
ALTER TABLE "Lager Süd"."Artikel-Größe" SET (fillfactor = 70);

CREATE FUNCTION shop.line_total(quantity integer, unit_price numeric) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT round(quantity * unit_price, 2) $$;
COMMENT ON FUNCTION shop.line_total IS 'What one line costs; rounds half away from zero';

CREATE FUNCTION shop.mark_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  -- Would falsify every restored row, were it to fire during a restore.
  NEW.changed_at := clock_timestamp();
  NEW.note := coalesce(NEW.note, '') || ' [geändert]';
  RETURN NEW;
END
$body$;
CREATE TRIGGER mark_change BEFORE INSERT OR UPDATE ON shop."order"
  FOR EACH ROW EXECUTE FUNCTION shop.mark_change();

CREATE PROCEDURE ledger.close_year(year integer) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit.event (what) VALUES ('closed ' || year);
END
$$;

CREATE AGGREGATE ledger.product_of(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');

CREATE VIEW shop.open_order WITH (security_barrier) AS
  SELECT o.id, o.placed_on, c.name, sum(shop.line_total(l.quantity, l.unit_price)) AS total
  FROM shop."order" o JOIN shop.customer c ON c.id = o.customer_id
       JOIN shop.order_line l ON l.placed_on = o.placed_on AND l.order_id = o.id
  WHERE o.status IN ('new', 'paid')
  GROUP BY o.id, o.placed_on, c.name;

CREATE MATERIALIZED VIEW ledger.balance AS
  SELECT account_id, sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) AS balance, count(*) AS entries
  FROM ledger.entry GROUP BY account_id;
CREATE UNIQUE INDEX balance_account ON ledger.balance (account_id);
CREATE MATERIALIZED VIEW ledger.not_yet AS SELECT count(*) AS entries FROM ledger.entry WITH NO DATA;

ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY recent_only ON ledger.entry FOR SELECT USING (booked_at > timestamptz '2020-01-01');
CREATE RULE keep_accounts AS ON DELETE TO ledger.account DO INSTEAD NOTHING;
