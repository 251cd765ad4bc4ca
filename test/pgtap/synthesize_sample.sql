-- kiaim.sample: rows in every context, the same from the same seed, of any row type that matches.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;

CREATE TYPE sample_vital AS ENUM ('alive', 'dead');
CREATE DOMAIN sample_size AS numeric(5, 1);
CREATE TABLE sample_tumour (id int, sex text, age int, site varchar(8), size sample_size, diagnosed date, seen timestamptz, vital sample_vital, smoker boolean);
INSERT INTO sample_tumour
SELECT i, (ARRAY['F', 'M'])[1 + i % 2], 30 + i * 7 % 50, (ARRAY['C50', 'C61', 'C34', 'C18'])[1 + i % 4], nullif(i * 13 % 90, 0) / 2.0,
	date '2015-01-01' + i * 31 % 2000, timestamptz '2015-01-01 00:00+00' + i * 31 % 2000 * interval '1 day', (ARRAY['alive', 'dead'])[1 + i % 3 / 2]::sample_vital, nullif(i % 5, 0) < 3
FROM generate_series(1, 2000) AS i;
SELECT kiaim.fit('sample_model', 'sample_tumour', '{"method": "sequential", "seed": 1}');
\set sample 'kiaim.sample(NULL::sample_tumour, ''sample_model'''

---- rows ----

SELECT is((SELECT count(*) FROM :sample, 100)), 100::bigint, 'as many rows as asked for');
SELECT is((SELECT count(*) FROM :sample, 0)), 0::bigint, 'none');
SELECT is((SELECT count(*) FROM :sample, 1)), 1::bigint, 'one');
SELECT is((SELECT count(*) FROM :sample, 30000, 1)), 30000::bigint, 'more than a batch');
SELECT is((SELECT pg_typeof(s)::text FROM :sample, 1) AS s), 'sample_tumour', 'the row type');
SELECT cmp_ok((SELECT count(DISTINCT s) FROM :sample, 1000, 1) AS s), '>', 900::bigint, 'they differ');
SELECT set_has('SELECT DISTINCT sex, vital, smoker, site FROM sample_tumour', 'SELECT DISTINCT sex, vital, smoker, site FROM kiaim.sample(NULL::sample_tumour, ''sample_model'', 5000, 3)', 'no value that the data does not have');
SELECT ok((SELECT bool_and(age BETWEEN 30 AND 79 AND diagnosed BETWEEN '2015-01-01' AND '2020-06-23' AND size BETWEEN 0.5 AND 44.5) FROM :sample, 5000, 3)), 'nothing beyond the data');
SELECT ok((SELECT count(*) FILTER (WHERE size IS NULL) BETWEEN 20 AND 220 AND count(*) FILTER (WHERE smoker IS NULL) BETWEEN 1600 AND 2400 FROM :sample, 10000, 3)), 'NULL as often as in the data');

---- the same seed ----

CREATE TABLE sample_once AS SELECT row_number() OVER () AS i, s FROM :sample, 3000, 42) AS s;
SELECT results_eq('SELECT s FROM sample_once ORDER BY i', 'SELECT s FROM kiaim.sample(NULL::sample_tumour, ''sample_model'', 3000, 42) AS s', 'the same seed, the same rows');
SELECT results_eq('SELECT s FROM sample_once ORDER BY i', 'SELECT kiaim.sample(NULL::sample_tumour, ''sample_model'', 3000, 42)', 'the same rows in a SELECT list');
SELECT ok((SELECT array_agg(s ORDER BY i) FROM sample_once WHERE i <= n) = (SELECT array_agg(s) FROM kiaim.sample(NULL::sample_tumour, 'sample_model', n, 42) AS s), format('the first %s rows whatever the number', n)) FROM (VALUES (1), (7), (8), (9), (100), (1024), (2000)) AS t (n);
SELECT ok((SELECT array_agg(s ORDER BY i) FROM sample_once) <> (SELECT array_agg(s) FROM :sample, 3000, 43) AS s), 'another seed, other rows');
SELECT ok((SELECT array_agg(s) FROM :sample, 100) AS s) <> (SELECT array_agg(s) FROM :sample, 100) AS s), 'no seed, fresh rows');
SELECT ok((SELECT array_agg(s) FROM :sample, 100, seed => -5) AS s) = (SELECT array_agg(s) FROM :sample, 100, seed => -5) AS s), 'a negative seed is one');

---- every context ----

SELECT is((SELECT count(*) FROM (SELECT :sample, 1000000000000, 1) LIMIT 50) AS s), 50::bigint, 'LIMIT ends a stream, however long');
SELECT is((SELECT array_agg(s) FROM (SELECT :sample, 1000000000000, 42) LIMIT 50) AS l (s)), (SELECT array_agg(s ORDER BY i) FROM sample_once WHERE i <= 50), 'the same rows');
SELECT is((SELECT count(*) FROM (SELECT (s).* FROM (SELECT :sample, 5000, 1) AS s) AS x) AS y WHERE age IS NOT NULL), 5000::bigint, 'columns of streamed rows');
CREATE VIEW sample_view AS SELECT * FROM :sample, 500, 42);
SELECT results_eq('TABLE sample_view', 'SELECT (s).* FROM sample_once WHERE i <= 500 ORDER BY i', 'in a view');
CREATE VIEW sample_stream AS SELECT :sample, 500, 42) AS s;
SELECT results_eq('SELECT s FROM sample_stream', 'SELECT s FROM sample_once WHERE i <= 500 ORDER BY i', 'in a view that streams');
CREATE TABLE sample_into (LIKE sample_tumour);
INSERT INTO sample_into SELECT * FROM :sample, 3000, 42);
SELECT results_eq('TABLE sample_into', 'SELECT (s).* FROM sample_once ORDER BY i', 'INSERT ... SELECT');
TRUNCATE sample_into;
INSERT INTO sample_into SELECT (s).* FROM (SELECT :sample, 3000, 42) AS s) AS x;
SELECT results_eq('TABLE sample_into', 'SELECT (s).* FROM sample_once ORDER BY i', 'INSERT ... SELECT of a stream');

DECLARE sample_cursor SCROLL CURSOR FOR SELECT * FROM :sample, 100, 42);
MOVE 97 FROM sample_cursor;
SELECT results_eq('FETCH 10 FROM sample_cursor', 'SELECT (s).* FROM sample_once WHERE i BETWEEN 98 AND 100 ORDER BY i', 'a cursor');
SELECT results_eq('FETCH ABSOLUTE 3 FROM sample_cursor', 'SELECT (s).* FROM sample_once WHERE i = 3', 'a cursor goes back');
CLOSE sample_cursor;
DECLARE sample_cursor CURSOR FOR SELECT :sample, 1000000000000, 42);
SELECT results_eq('FETCH 3 FROM sample_cursor', 'SELECT s FROM sample_once WHERE i <= 3 ORDER BY i', 'a cursor on a stream');
CLOSE sample_cursor;

PREPARE sample_plan (bigint, bigint) AS SELECT count(*), count(DISTINCT s) > 1 AS differ, min(s::text) FROM kiaim.sample(NULL::sample_tumour, 'sample_model', $1, $2) AS s;
CREATE TABLE sample_run1 AS EXECUTE sample_plan(100, 42);
CREATE TABLE sample_run2 AS EXECUTE sample_plan(100, 42);
SET LOCAL plan_cache_mode = force_generic_plan;
CREATE TABLE sample_run3 AS EXECUTE sample_plan(100, 42);
CREATE TABLE sample_run4 AS EXECUTE sample_plan(10, 42);
RESET plan_cache_mode;
SELECT is((SELECT count(DISTINCT r) || ' ' || min(count) FROM (TABLE sample_run1 UNION ALL TABLE sample_run2 UNION ALL TABLE sample_run3) AS r), '1 100', 'a prepared statement, also with its generic plan');
SELECT is((SELECT count FROM sample_run4), 10::bigint, 'with another parameter');

SELECT results_eq('SELECT n, count(*) FROM (VALUES (3), (0), (5)) AS v (n), LATERAL kiaim.sample(NULL::sample_tumour, ''sample_model'', n, 42) GROUP BY n ORDER BY n', 'VALUES (3, 3::bigint), (5, 5)', 'LATERAL, scanned again');
SELECT results_eq('SELECT n, (SELECT count(*) FROM (SELECT kiaim.sample(NULL::sample_tumour, ''sample_model'', n, 42) LIMIT 2) AS s) FROM (VALUES (3), (0), (5), (1)) AS v (n)', 'VALUES (3, 2::bigint), (0, 0), (5, 2), (1, 1)', 'a stream that is stopped and begun again');
SELECT is((WITH s AS MATERIALIZED (SELECT * FROM :sample, 100, 42)) SELECT count(*) FROM s AS a, s AS b), 10000::bigint, 'a CTE');
SELECT is((SELECT count(*) FROM :sample, 1000, 42) AS a JOIN sample_tumour AS b USING (sex, age, site, diagnosed)), (SELECT count(*) FROM sample_once, sample_tumour AS b WHERE i <= 1000 AND (s).sex = b.sex AND (s).age = b.age AND (s).site = b.site AND (s).diagnosed = b.diagnosed), 'a join');
SELECT is((SELECT count(*) FROM ROWS FROM (:sample, 10, 42), generate_series(1, 20))), 20::bigint, 'ROWS FROM');
SELECT is((SELECT max(o) FROM :sample, 10, 42) WITH ORDINALITY AS s (id, sex, age, site, size, diagnosed, seen, vital, smoker, o)), 10::bigint, 'WITH ORDINALITY');
SELECT is((SELECT count(*) FROM (SELECT :sample, 3, 1), :sample, 5, 1)) AS s (a, b) WHERE a IS NULL), 2::bigint, 'two streams side by side');
CREATE FUNCTION pg_temp.sample_loop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r sample_tumour; n bigint := 0;
BEGIN
	FOR r IN SELECT * FROM kiaim.sample(NULL::sample_tumour, 'sample_model', 2000, 42) LOOP
		n := n + r.age;
	END LOOP;
	RETURN n;
END $$;
SELECT is(pg_temp.sample_loop(), (SELECT sum((s).age)::bigint FROM sample_once WHERE i <= 2000), 'a loop in PL/pgSQL');
SET LOCAL work_mem = '64kB';
SELECT is((SELECT count(*) FROM :sample, 20000, 42)), 20000::bigint, 'rows that spill to disk');
RESET work_mem;
SELECT is((SELECT provolatile::text || proparallel::text FROM pg_proc WHERE oid = 'kiaim.sample(anyelement, text, bigint, bigint, jsonb)'::regprocedure), 'vr', 'volatile, not in parallel workers');

---- row types ----

CREATE TYPE sample_few AS (sex text, vital sample_vital, age int);
SELECT results_eq('SELECT * FROM kiaim.sample(NULL::sample_few, ''sample_model'', 100, 42)', 'SELECT (s).sex, (s).vital, (s).age FROM sample_once WHERE i <= 100 ORDER BY i', 'fewer columns in another order');
CREATE TABLE sample_wide (age bigint, size numeric, diagnosed timestamp, site text, vital text, smoker text, hospital text, sex char(3), seen text);
SELECT results_eq('SELECT age, size, diagnosed, site, vital, smoker, hospital, sex FROM kiaim.sample(NULL::sample_wide, ''sample_model'', 100, 42)',
	'SELECT (s).age::bigint, (s).size::numeric, (s).diagnosed::timestamp, (s).site::text, (s).vital::text, (s).smoker::text, NULL::text, (s).sex::char(3) FROM sample_once WHERE i <= 100 ORDER BY i', 'wider types; a column that the model does not make is NULL');
ALTER TABLE sample_wide DROP COLUMN site, DROP COLUMN hospital, ADD COLUMN site text;
SELECT results_eq('SELECT site, age FROM kiaim.sample(NULL::sample_wide, ''sample_model'', 100, 42)', 'SELECT (s).site::text, (s).age::bigint FROM sample_once WHERE i <= 100 ORDER BY i', 'dropped columns');
SELECT results_eq('SELECT * FROM kiaim.sample(NULL::sample_view, ''sample_model'', 100, 42)', 'SELECT (s).* FROM sample_once WHERE i <= 100 ORDER BY i', 'the row type of a view');
CREATE TABLE sample_parts (sex text, age int) PARTITION BY LIST (sex);
CREATE TABLE sample_part_f PARTITION OF sample_parts FOR VALUES IN ('F');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::sample_parts, 'sample_model', 100, 42)), 100::bigint, 'the row type of a partitioned table');

---- errors ----

CREATE TYPE sample_other AS (sexe text, colour text);
CREATE TYPE sample_mismatch AS (sex text, age date);
CREATE DOMAIN sample_row AS sample_few;
SELECT is(pg_temp.error_of(statement), told, statement)
FROM (VALUES
	('SELECT * FROM kiaim.sample(NULL::sample_tumour, ''sample_modell'', 1)', '42704 | model "sample_modell" does not exist | Perhaps you meant "sample_model".'),
	('SELECT * FROM kiaim.sample(NULL::sample_tumour, NULL, 1)', '22004 | model must not be NULL'),
	('SELECT * FROM kiaim.sample(NULL::sample_tumour, ''sample_model'', NULL)', '22004 | n must not be NULL'),
	('SELECT * FROM kiaim.sample(NULL::sample_tumour, ''sample_model'', -1)', '22023 | n must not be negative, but it is -1'),
	('SELECT kiaim.sample(NULL::sample_tumour, ''sample_model'', -1)', '22023 | n must not be negative, but it is -1'),
	('SELECT kiaim.sample(NULL::int, ''sample_model'', 1)', '42809 | rows must be of a named row type, not of type integer | Name a table, a view or a composite type: NULL::registry.tumour.'),
	('SELECT kiaim.sample(ROW(1, 2), ''sample_model'', 1)', '42809 | rows must be of a named row type, not of type record | Name a table, a view or a composite type: NULL::registry.tumour.'),
	('SELECT kiaim.sample(NULL::sample_row, ''sample_model'', 1)', '42809 | rows must be of a named row type, not of type sample_row | Name a table, a view or a composite type: NULL::registry.tumour.'),
	('SELECT kiaim.sample(NULL::sample_other, ''sample_model'', 1)', '22023 | no column of type sample_other is in model "sample_model" | The model makes the columns "id", "sex", "age", "site", "size", "diagnosed", "seen", "vital", "smoker". | Perhaps column "sexe" should be named "sex".'),
	('SELECT kiaim.sample(NULL::sample_mismatch, ''sample_model'', 1)', '42804 | column "age" of the row type cannot have the values of model "sample_model" | It is of type date, and the values are of type integer. | Use a column of that type, or one of type text.'),
	('SELECT coalesce(kiaim.sample(NULL::sample_tumour, ''sample_model'', 1))', '0A000 | set-returning functions are not allowed in COALESCE | You might be able to move the set-returning function into a LATERAL FROM item.')
  ) AS t (statement, told);

---- privileges ----

CREATE ROLE sample_researcher;
GRANT USAGE ON SCHEMA kiaim TO sample_researcher;
SET LOCAL ROLE sample_researcher;
SELECT is(pg_temp.error_of('SELECT kiaim.sample(NULL::sample_few, ''sample_model'', 1)'), '42704 | model "sample_model" does not exist | The view kiaim.models lists the models that the current role may use.', 'a model of others');
RESET ROLE;
SELECT kiaim.grant_model('sample_model', 'sample_researcher');
SET LOCAL ROLE sample_researcher;
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::sample_few, 'sample_model', 10)), 10::bigint, 'a model that was granted');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
