-- The demonstration registry behaves like a registry, and is the same on every
-- run, server and plan. It needs no kiaim.
\set ECHO none
\set QUIET on
\pset format unaligned
\pset tuples_only on
\pset pager off
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT no_plan();

SET client_min_messages = warning;
\o /dev/null
\ir ../../demo/registry.sql
SELECT * FROM registry.generate(5000);
\ir ../../demo/check.sql
\o

-- One line an expectation; a failing line says what was measured.
SELECT ok(holds, format('%s: %s is between %s and %s', expectation, measured, lowest, highest))
FROM registry_model.expectation ORDER BY expectation;

-- A sum that no order of rows and no session setting changes.
CREATE FUNCTION pg_temp.fingerprint(relation regclass) RETURNS numeric
LANGUAGE plpgsql SET datestyle = 'ISO' AS $$
DECLARE fingerprint numeric;
BEGIN
  EXECUTE format('SELECT sum(hashtextextended(t::text, 0)::numeric) FROM %s AS t', relation) INTO fingerprint;
  RETURN fingerprint;
END $$;
CREATE FUNCTION pg_temp.fingerprints() RETURNS TABLE (relation text, fingerprint numeric)
LANGUAGE sql AS $$
SELECT relname::text, pg_temp.fingerprint(oid) FROM pg_class WHERE relnamespace = 'registry'::regnamespace AND relkind = 'r'
$$;

SELECT lives_ok('SELECT registry.generate(1500)', 'a smaller registry replaces the larger one');
CREATE TEMP TABLE once AS SELECT * FROM pg_temp.fingerprints();
SELECT is((SELECT count(DISTINCT fingerprint) FROM once), 6::bigint, 'six tables, none empty');

SET enable_hashjoin = off; SET enable_sort = off; SET work_mem = '64kB'; SET jit = on; SET jit_above_cost = 0;
SELECT registry.generate(1500) \g /dev/null
RESET enable_hashjoin; RESET enable_sort; RESET work_mem; RESET jit; RESET jit_above_cost;
SELECT set_eq('SELECT * FROM pg_temp.fingerprints()', 'SELECT * FROM once', 'another plan makes the same rows');

CREATE TEMP TABLE of_1500 AS SELECT * FROM registry.tumour;
SELECT registry.generate(1600) \g /dev/null
SELECT is_empty('SELECT * FROM of_1500 EXCEPT SELECT * FROM registry.tumour', 'a larger registry has the persons of the smaller one');
SELECT registry.generate(1500, 2) \g /dev/null
SELECT is((SELECT count(*) FROM registry.tumour JOIN of_1500 USING (patient_id, icd10, diagnosis_date)), 0::bigint, 'another seed makes other persons');

-- Written down, so that another version of the server cannot differ unnoticed.
-- A change of the model changes it too: take the new figure then.
SELECT registry.generate(1000) \g /dev/null
SELECT is((SELECT sum(fingerprint) FROM pg_temp.fingerprints()), -341698326189265165622, 'the rows are those of every other server');

SELECT throws_ok('SELECT registry.generate(0)', '22023', 'number of persons out of range: 0', 'no persons are refused');
SELECT throws_ok('SELECT registry.generate(NULL)', '22023', 'number of persons out of range: NULL', 'an unknown number of persons is refused');

SELECT * FROM finish();
ROLLBACK;
