-- kiaim.complete: what the model keeps stays as it is, the rest is drawn given it.
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

CREATE TABLE part_tumour (id int, sex text, site text, age int, diagnosed date, vital text, note text);
INSERT INTO part_tumour
SELECT i, CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END, CASE WHEN i <= 3 THEN 'C50.8' WHEN i % 2 = 0 THEN (ARRAY['C50.1', 'C50.4', 'C34.1'])[1 + i / 2 % 3] ELSE (ARRAY['C61', 'C34.1'])[1 + i / 2 % 2] END,
	30 + i * 7 % 50, date '2015-01-01' + i * 31 % 2000, CASE WHEN (i * 7 % 50) + i % 2 * 20 > 40 THEN 'dead' ELSE 'alive' END, 'note ' || i
FROM generate_series(1, 6000) AS i;
SELECT kiaim.fit('part_clinical', 'part_tumour', '{"method": "sequential", "seed": 1, "keep": ["sex", "age"], "columns": ["sex", "site", "age", "diagnosed", "vital"]}');
SELECT kiaim.fit('part_person', 'part_tumour', '{"method": "sequential", "seed": 1, "keep": ["site", "vital"], "columns": {"site": {"hierarchy": "icd10"}, "sex": {}, "age": {}, "vital": {}}}');
SELECT kiaim.fit('part_whole', 'part_tumour', '{"method": "marginals", "seed": 1, "columns": ["sex", "age"]}');

CREATE TABLE part_drawn AS SELECT t AS r, kiaim.complete(t, 'part_clinical', 1) AS s FROM part_tumour AS t;
SELECT is((SELECT count(*) FROM part_drawn WHERE (r).sex = (s).sex AND (r).age = (s).age), 6000::bigint, 'kept columns stay');
SELECT is((SELECT count(*) FROM part_drawn WHERE (s).id IS NULL AND (s).note IS NULL), 6000::bigint, 'what the model does not know is NULL');
SELECT cmp_ok((SELECT count(*) FROM part_drawn WHERE (r).diagnosed = (s).diagnosed AND (r).site = (s).site), '<', 100::bigint, 'the others are drawn');
SELECT is((SELECT count(*) FROM part_drawn WHERE ((s).sex = 'F' AND (s).site = 'C61') OR ((s).sex = 'M' AND (s).site IN ('C50.1', 'C50.4'))), 0::bigint, 'given those that stay');
-- shares of (sex, vital status, age over 70) differ by less than 5 standard errors
SELECT ok((SELECT bool_and(abs(a - b) < 5 * sqrt(a * (1 - a / 6000.0)) + 15) FROM (SELECT count(*) FILTER (WHERE (r).vital = 'dead') AS a, count(*) FILTER (WHERE (s).vital = 'dead') AS b FROM part_drawn GROUP BY (r).sex, (r).age > 70) AS c), 'as in the data');
SELECT results_eq('SELECT kiaim.complete(t, ''part_clinical'', 1) FROM part_tumour AS t', 'SELECT s FROM part_drawn', 'the same seed, the same rows');
SELECT ok((SELECT array_agg(kiaim.complete(t, 'part_clinical', 2)) FROM part_tumour AS t) <> (SELECT array_agg(s) FROM part_drawn), 'another seed, other rows');
SELECT ok((SELECT array_agg(kiaim.complete(t, 'part_clinical')) FROM part_tumour AS t) <> (SELECT array_agg(kiaim.complete(t, 'part_clinical')) FROM part_tumour AS t), 'no seed, fresh rows');
SELECT is((SELECT kiaim.complete(NULL::part_tumour, 'part_clinical', 1)), NULL, 'NULL stays NULL');

-- the other direction: clinical columns stay
SELECT is((SELECT count(*) FROM (SELECT t AS r, kiaim.complete(t, 'part_person', 1) AS s FROM part_tumour AS t OFFSET 0) AS x
	WHERE (r).site = (s).site AND (r).vital = (s).vital AND (s).diagnosed IS NULL), 6000::bigint, 'both directions');
-- one of the three rows of a rare code may have been counted for C61 when the model was fitted
SELECT cmp_ok((SELECT count(*) FROM part_tumour AS t, kiaim.complete(t, 'part_person', 1) AS s WHERE (s).site = 'C61' AND (s).sex = 'F'), '<', 20::bigint, 'given the columns that stay');
-- C50.8 has too few persons to be known: it stays, and counts as its neighbours C50.1 and C50.4, which only women have
SELECT is((SELECT count(*) FROM generate_series(1, 1000) AS i, kiaim.complete(ROW(1, 'M', 'C50.8', 1, NULL, 'alive', NULL)::part_tumour, 'part_person', i) AS s WHERE (s).site = 'C50.8' AND (s).sex = 'F'), 1000::bigint, 'an unknown code counts as the nearest known');
SELECT is((SELECT count(*) FROM generate_series(1, 10) AS i, kiaim.complete(ROW(1, 'M', 'Z99', 1, NULL, NULL, NULL)::part_tumour, 'part_person', i) AS s WHERE (s).site = 'Z99' AND (s).sex IS NOT NULL), 10::bigint, 'and what is near nothing is drawn for all the same');

---- contexts and types ----

CREATE TABLE part_research (vital varchar(10), age bigint, sex varchar(1), site text, extra int);
SELECT is((SELECT count(*) FROM (SELECT t, kiaim.complete(t, 'part_clinical', 1) AS s FROM (SELECT ROW('x', age, sex, NULL, 5)::part_research AS t FROM part_tumour) AS x) AS y WHERE (s).age = (t).age AND (s).sex = (t).sex AND (s).vital IN ('alive', 'dead') AND (s).extra IS NULL), 6000::bigint, 'other types, fewer columns');
CREATE TABLE part_new AS SELECT (c).* FROM (SELECT kiaim.complete(t, 'part_clinical', 1) AS c FROM part_tumour AS t OFFSET 0) AS x;
SELECT results_eq('TABLE part_new', 'SELECT (s).* FROM part_drawn', 'CREATE TABLE AS');
UPDATE part_new AS n SET site = (kiaim.complete(n, 'part_clinical', 3)).site;
SELECT is((SELECT count(*) FROM part_new WHERE (sex = 'F' AND site = 'C61') OR site IS NULL), 0::bigint, 'UPDATE');
CREATE FUNCTION pg_temp.part_loop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r part_new; n bigint := 0;
BEGIN
	FOR r IN SELECT * FROM part_new LIMIT 100 LOOP
		r := kiaim.complete(r, 'part_clinical', 1);
		n := n + (r.vital IN ('alive', 'dead'))::int;
	END LOOP;
	ALTER TABLE part_new DROP COLUMN note, ADD COLUMN seen date;
	FOR r IN SELECT * FROM part_new LIMIT 100 LOOP
		r := kiaim.complete(r, 'part_clinical', 1);
		n := n + (r.vital IN ('alive', 'dead') AND r.seen IS NULL)::int;
	END LOOP;
	RETURN n;
END $$;
SELECT is(pg_temp.part_loop(), 200::bigint, 'a loop in PL/pgSQL, and a table that changes meanwhile');
SELECT is((SELECT count(DISTINCT (s).age) FROM (SELECT kiaim.complete(t, m, 1) AS s FROM part_tumour AS t, (VALUES ('part_clinical'), ('part_person')) AS v (m) WHERE id <= 100 OFFSET 0) AS x), 50::bigint, 'a model a row');

---- constraints ----

CREATE TABLE part_limited (sex text, age int, site text CHECK (site <> 'C34.1'), vital text);
SELECT is((SELECT count(*) FROM part_tumour, kiaim.complete(ROW(sex, age, NULL, NULL)::part_limited, 'part_clinical', 1) AS s WHERE (s).site <> 'C34.1'), 6000::bigint, 'constraints hold');

---- errors ----

CREATE TYPE part_less AS (sex text, site text);
CREATE TYPE part_dates AS (sex text, age date, site text);
CREATE TABLE part_minors (sex text, age int CHECK (age < 18), site text);
SELECT is(pg_temp.error_of(statement), told, statement)
FROM (VALUES
	('SELECT kiaim.complete(t, ''part_whole'') FROM part_tumour AS t', '22023 | model "part_whole" keeps no columns | Fit it with the option "keep", or draw whole rows with kiaim.sample.'),
	('SELECT kiaim.complete(t, ''part_klinical'') FROM part_tumour AS t', '42704 | model "part_klinical" does not exist | Perhaps you meant "part_clinical".'),
	('SELECT kiaim.complete(t, NULL) FROM part_tumour AS t', '22004 | model must not be NULL'),
	('SELECT kiaim.complete(ROW(1, 2), ''part_clinical'')', '42809 | rows must be of a named row type, not of type record | Name a table, a view or a composite type: NULL::registry.tumour.'),
	('SELECT kiaim.complete(1, ''part_clinical'')', '42809 | rows must be of a named row type, not of type integer | Name a table, a view or a composite type: NULL::registry.tumour.'),
	('SELECT kiaim.complete(ROW(''F'', NULL)::part_less, ''part_clinical'')', '42703 | model "part_clinical" keeps column "age", which the row does not have | The other columns are drawn given the values of the columns that are kept.'),
	('SELECT kiaim.complete(ROW(''F'', NULL, NULL)::part_dates, ''part_clinical'')', '42804 | column "age" of the row type cannot have the values of model "part_clinical" | It is of type date, and the values are of type integer. | Use a column of that type, or one of type text.'),
	('SELECT kiaim.sample(NULL::part_tumour, ''part_clinical'', 1)', '22023 | model "part_clinical" keeps column "sex", which is not given | The other columns are drawn given the values of the columns that are kept. | Give it a value, or use kiaim.complete to complete real rows.')
  ) AS t (statement, told);
SELECT is(pg_temp.error_of('SELECT kiaim.complete(ROW(''M'', 19, NULL)::part_minors, ''part_clinical'', 1)'),
	'23514 | no row of model "part_clinical" satisfies constraint "part_minors_age_check" | 100000 rows in a row failed constraints, this one most. | It may contradict the values of the columns that are kept.', 'a constraint that the kept columns contradict');

-- rows drawn around values that are given
SELECT is((SELECT count(*) FILTER (WHERE sex = 'M' AND age = 44 AND site IN ('C61', 'C34.1') AND id IS NULL) FROM kiaim.sample(NULL::part_tumour, 'part_clinical', 1000, 1, '{"sex": "M", "age": 44}')), 1000::bigint, 'kept columns are given to kiaim.sample');

SELECT * FROM finish();
ROLLBACK;
