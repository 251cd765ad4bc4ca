-- A foreign table is read by a GROUP BY of the server, a local one row by row:
-- the same rows must give the same plan, whatever values their types call equal.
-- The foreign table is this database's own, so its rows must be committed.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw') AS no_fdw \gset
\if :no_fdw
SELECT plan(1);
SELECT skip('postgres_fdw is not installed', 1);
\quit
\endif
DROP SCHEMA IF EXISTS kiaim_far CASCADE;
CREATE SCHEMA kiaim_far;
CREATE EXTENSION postgres_fdw SCHEMA kiaim_far;
DO $$ BEGIN
  EXECUTE format('CREATE SERVER kiaim_self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)',
                 split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database());
END $$;
CREATE USER MAPPING FOR CURRENT_USER SERVER kiaim_self;
CREATE COLLATION kiaim_far.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
\set columns 'person numeric, q text COLLATE kiaim_far.ci, n numeric, s numeric, u text COLLATE kiaim_far.ci'
CREATE TABLE kiaim_far.near (:columns);
-- Equal in SQL, but not the same: persons 1 and 1.0, values 7.0 and 7.00, a and A.
INSERT INTO kiaim_far.near
SELECT CASE i % 2 WHEN 0 THEN i / 6 ELSE ((i / 6)::text || '.0')::numeric END,
       CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'A' ELSE 'b' END,
       CASE i % 2 WHEN 0 THEN 1.0 ELSE 1.00 END,
       CASE i % 4 WHEN 0 THEN 7.0 WHEN 1 THEN 7.00 WHEN 2 THEN 7.000 ELSE 8 END,
       CASE i % 4 WHEN 0 THEN 'x' ELSE 'X' END
FROM generate_series(1, 60) AS i;
CREATE FOREIGN TABLE kiaim_far.far (:columns) SERVER kiaim_self OPTIONS (schema_name 'kiaim_far', table_name 'near');

SELECT no_plan();

CREATE TEMP TABLE tried (name text, policy jsonb);
INSERT INTO tried VALUES
  ('values of a numeric', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"l": 2}}, "k": 2}'),
  ('three values of a numeric', '{"quasi": {"q": "flat"}, "sensitive": {"s": {"l": 3}}, "k": 2, "suppression": 1}'),
  ('values that a collation calls equal', '{"quasi": {"n": "flat"}, "sensitive": {"u": {"l": 2}}, "k": 2, "suppression": 1}'),
  ('labels that a collation calls equal', '{"quasi": {"q": "flat"}, "k": 21, "suppression": 0.9}'),
  ('labels of a numeric', '{"quasi": {"n": "flat"}, "k": 31, "suppression": 0.9}'),
  ('persons by a numeric', '{"quasi": {"q": "flat"}, "person": "person", "k": 11, "suppression": 0.9}'),
  ('entropy of a numeric in persons', '{"quasi": {"q": "flat"}, "person": "person", "sensitive": {"s": {"entropy_l": 1.9}}, "k": 2, "suppression": 1}');
SELECT results_eq(
  format('SELECT levels, loss, k, suppressed, classes FROM kiaim.plan(''kiaim_far.far'', %L, 5)', policy),
  format('SELECT levels, loss, k, suppressed, classes FROM kiaim.plan(''kiaim_far.near'', %L, 5)', policy), 'same plans: ' || name) FROM tried;
-- what the query really releases
CREATE FUNCTION pg_temp.rows_of(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM (%s) AS r', query) INTO n; RETURN n; END $$;
SELECT is(pg_temp.rows_of(p.query), 60 - p.suppressed, 'the query releases what was planned: ' || name)
FROM tried, kiaim.plan('kiaim_far.far', policy) AS p;

SELECT * FROM finish();
DROP SERVER kiaim_self CASCADE;
DROP SCHEMA kiaim_far CASCADE;
