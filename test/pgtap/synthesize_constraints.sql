-- Constraints: those of the table and those declared with the model hold in every row, and what cannot hold ends with an error.
BEGIN;
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text; context text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''), substring(context FROM 'condition "[^\n]*"'));
END $$;

-- drawn column by column, so that constraints have something to do
CREATE TABLE cons_source (sex text, site text, age int, size numeric(5, 1), diagnosed date, died date, grade int);
INSERT INTO cons_source
SELECT CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END, CASE WHEN i % 2 = 0 THEN (ARRAY['C50', 'C56', 'C34'])[1 + i / 2 % 3] ELSE (ARRAY['C61', 'C34'])[1 + i / 2 % 2] END,
	30 + i * 7 % 50, nullif(i * 13 % 900, 0) / 10.0, date '2015-01-01' + i * 31 % 2000, CASE WHEN i % 3 = 0 THEN date '2015-01-01' + i * 31 % 2000 + i * 17 % 900 END, nullif(i % 5, 0)
FROM generate_series(1, 5000) AS i;
SELECT kiaim.fit('cons_free', 'cons_source', '{"method": "marginals", "seed": 1}');

---- the table's own ----

CREATE DOMAIN cons_size AS numeric(5, 1) NOT NULL CHECK (VALUE < 60) CHECK (VALUE > 5);
CREATE DOMAIN cons_positive AS int CHECK (VALUE > 0);
CREATE DOMAIN cons_grade AS cons_positive CHECK (VALUE <> 4);
CREATE TABLE cons_table (sex text NOT NULL, site text, age int CHECK (age <> 50), size cons_size, diagnosed date, died date, grade cons_grade,
	CHECK (died >= diagnosed), CONSTRAINT sites CHECK (sex = 'M' AND site NOT IN ('C50', 'C56') OR sex = 'F' AND site <> 'C61'));
CREATE TABLE cons_drawn AS SELECT * FROM kiaim.sample(NULL::cons_table, 'cons_free', 100000, 1);
SELECT is((SELECT count(*) FROM cons_drawn), 100000::bigint, 'all rows are there');
SELECT is((SELECT count(*) FROM cons_drawn WHERE NOT (age <> 50) OR size IS NULL OR size >= 60 OR size <= 5 OR NOT (died >= diagnosed) OR sex IS NULL OR grade = 4
	OR NOT (sex = 'M' AND site NOT IN ('C50', 'C56') OR sex = 'F' AND site <> 'C61')), 0::bigint, 'every constraint holds in 100,000 rows');
SELECT cmp_ok((SELECT count(*) FROM cons_drawn WHERE died IS NULL OR grade IS NULL), '>', 10000::bigint, 'NULL satisfies a CHECK constraint');
CREATE TABLE cons_copy (LIKE cons_table INCLUDING ALL);
SELECT lives_ok('INSERT INTO cons_copy SELECT * FROM kiaim.sample(NULL::cons_copy, ''cons_free'', 10000, 1)', 'the rows go into the table');
-- The rows that come out are those that satisfy them as they are: same shares as in an unconditional sample, up to 5 standard errors.
CREATE TABLE cons_all AS SELECT * FROM kiaim.sample(NULL::cons_source, 'cons_free', 200000, 2)
	WHERE age <> 50 AND size < 60 AND size > 5 AND coalesce(died >= diagnosed, true) AND coalesce(grade <> 4, true) AND (sex = 'M' AND site NOT IN ('C50', 'C56') OR sex = 'F' AND site <> 'C61');
SELECT ok((SELECT bool_and(abs(a.share - b.share) < 5 * sqrt(a.share * (1 - a.share) * (1.0 / 100000 + 1.0 / n))) FROM
	(SELECT site, sex, count(*) / 100000.0 AS share FROM cons_drawn GROUP BY 1, 2) AS a
	JOIN (SELECT site, sex, count(*)::float8 / sum(count(*)) OVER () AS share, sum(count(*)) OVER () AS n FROM cons_all GROUP BY 1, 2) AS b USING (site, sex)), 'the distribution is the conditional one');
SELECT is((SELECT count(DISTINCT (site, sex)) FROM cons_drawn), 5::bigint, 'all that is allowed comes out');

CREATE TABLE cons_generated (age int, grade int, twice int GENERATED ALWAYS AS (age * 2) STORED, sex text GENERATED ALWAYS AS (CASE WHEN age > 50 THEN 'old' ELSE 'young' END) STORED, CHECK (twice > 90));
SELECT is((SELECT count(*) FILTER (WHERE twice = age * 2 AND twice > 90 AND sex = CASE WHEN age > 50 THEN 'old' ELSE 'young' END) FROM kiaim.sample(NULL::cons_generated, 'cons_free', 10000, 1)), 10000::bigint, 'generated columns are computed');
CREATE TABLE cons_parts (age int, sex text) PARTITION BY RANGE (age);
CREATE TABLE cons_part PARTITION OF cons_parts FOR VALUES FROM (40) TO (45);
SELECT is((SELECT count(*) FILTER (WHERE age BETWEEN 40 AND 44) FROM kiaim.sample(NULL::cons_part, 'cons_free', 10000, 1)), 10000::bigint, 'rows of a partition');
CREATE TABLE cons_whole (age int, grade int, CHECK (cons_whole IS NOT NULL));
ALTER TABLE cons_whole ADD CHECK (tableoid = 'cons_whole'::regclass);
SELECT is((SELECT count(*) FILTER (WHERE grade IS NOT NULL) FROM kiaim.sample(NULL::cons_whole, 'cons_free', 10000, 1)), 10000::bigint, 'conditions on the whole row and its table');
CREATE TABLE cons_more (sex text, hospital text NOT NULL);
SELECT is((SELECT count(*) FILTER (WHERE hospital IS NULL) FROM kiaim.sample(NULL::cons_more, 'cons_free', 10, 1)), 10::bigint, 'a NOT NULL column that the model does not make');
CREATE TABLE cons_null (grade int NOT NULL, died date NOT NULL);
SELECT is((SELECT count(*) FILTER (WHERE grade IS NOT NULL AND died IS NOT NULL) FROM kiaim.sample(NULL::cons_null, 'cons_free', 10000, 1)), 10000::bigint, 'NOT NULL columns');

---- declared ----

SELECT kiaim.fit('cons_declared', 'cons_source', '{"method": "marginals", "seed": 1, "constraints": ["died >= diagnosed", "sex = ''M'' OR site NOT LIKE ''C61%''", "age BETWEEN 40 AND 70 -- working", "grade IS NOT NULL", "CASE sex WHEN ''M'' THEN site NOT IN (''C50'', ''C56'') ELSE true END"]}');
SELECT is((SELECT count(*) FILTER (WHERE coalesce(died >= diagnosed, true) AND (sex = 'M' OR site NOT LIKE 'C61%') AND age BETWEEN 40 AND 70 AND grade IS NOT NULL AND (sex <> 'M' OR site NOT IN ('C50', 'C56')))
	FROM kiaim.sample(NULL::cons_source, 'cons_declared', 100000, 1)), 100000::bigint, 'declared conditions hold in 100,000 rows');
CREATE TYPE cons_few AS (site text, size numeric);
SELECT results_eq('SELECT * FROM kiaim.sample(NULL::cons_few, ''cons_declared'', 1000, 1)', 'SELECT site, size::numeric FROM kiaim.sample(NULL::cons_source, ''cons_declared'', 1000, 1)', 'also of columns that are not asked for');
SELECT ok((SELECT bool_and(age BETWEEN 40 AND 70 AND size > 5) FROM kiaim.sample(NULL::cons_table, 'cons_declared', 10000, 1)), 'together with those of a table');
SELECT results_eq('SELECT kiaim.sample(NULL::cons_table, ''cons_declared'', 1000, 1)', 'SELECT s FROM kiaim.sample(NULL::cons_table, ''cons_declared'', 2000, 1) AS s LIMIT 1000', 'the same seed, the same rows');
SELECT ok((SELECT bool_and(age BETWEEN 40 AND 42 AND grade = 1) FROM kiaim.sample(NULL::cons_source, 'cons_declared', 1000, 1, '{"age": "[35,42]", "grade": 1}')), 'together with what is given');

-- names do not depend on the search path of whoever draws
CREATE SCHEMA cons_trap;
CREATE FUNCTION cons_trap.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''trapped''';
SELECT kiaim.fit('cons_lower', 'cons_source', '{"method": "marginals", "seed": 1, "constraints": ["lower(sex) = ''f''"]}');
SET LOCAL search_path = cons_trap, pg_catalog, public;
SELECT public.is((SELECT count(*) FILTER (WHERE sex = 'F') FROM kiaim.sample(NULL::public.cons_source, 'cons_lower', 100, 1)), 100::bigint, 'functions are those of pg_catalog');
RESET search_path;
CREATE FUNCTION cons_trap.young(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 50';
SELECT kiaim.fit('cons_own', 'cons_source', '{"method": "marginals", "seed": 1, "constraints": ["cons_trap.young(age)"]}');
SELECT is((SELECT count(*) FILTER (WHERE age < 50) FROM kiaim.sample(NULL::cons_source, 'cons_own', 1000, 1)), 1000::bigint, 'functions of a schema that is named');
CREATE ROLE cons_other;
ALTER FUNCTION cons_trap.young(int) OWNER TO cons_other;
SELECT is(pg_temp.error_of('SELECT kiaim.sample(NULL::cons_source, ''cons_own'', 1, 1)'),
	'42501 | function cons_trap.young(integer) of a constraint or conversion belongs to another user | It would run with the privileges of whoever draws rows from the model. | Use functions of your own or of a superuser. | condition "cons_trap.young(age)"', 'functions of others do not run');

SELECT is(pg_temp.error_of(format('SELECT kiaim.fit(''cons_bad'', ''cons_source'', %L)', jsonb_build_object('seed', 1, 'constraints', jsonb_build_array(condition)))), told, condition)
FROM (VALUES
	('ages > 5', '42703 | column "ages" does not exist | Perhaps you meant the column "age". | condition "ages > 5"'),
	('x.age > 5', '42P01 | missing FROM-clause entry for table "x" | condition "x.age > 5"'),
	('age >', '42601 | syntax error at end of input | condition "age >"'),
	('age', '42804 | argument of constraint must be type boolean, not type integer | condition "age"'),
	('true) OR (true', '42601 | syntax error at or near ")" | condition "true) OR (true"'),
	('true; DROP TABLE cons_source', '42601 | syntax error at or near ";" | condition "true; DROP TABLE cons_source"'),
	('true FROM cons_source', '42601 | a constraint must be one condition on a row | For example: "death_date >= diagnosis_date". | condition "true FROM cons_source"'),
	('true, false', '42601 | a constraint must be one condition on a row | For example: "death_date >= diagnosis_date". | condition "true, false"'),
	('true AS x', '42601 | a constraint must be one condition on a row | For example: "death_date >= diagnosis_date". | condition "true AS x"'),
	('age = (SELECT 1)', '0A000 | cannot use subquery in check constraint | condition "age = (SELECT 1)"'),
	('max(age) > 5', '0A000 | aggregate functions are not allowed in check constraints | condition "max(age) > 5"'),
	('row_number() OVER () > 5', '0A000 | window functions are not allowed in check constraints | condition "row_number() OVER () > 5"'),
	('generate_series(1, age) > 5', '0A000 | set-returning functions are not allowed in check constraints | condition "generate_series(1, age) > 5"'),
	('age > random()', '0A000 | a constraint cannot call volatile functions | Use functions that give the same result for the same row. | condition "age > random()"'),
	('age > $1', '42P02 | there is no parameter $1 | condition "age > $1"'),
	('nothing(age)', '42883 | function nothing(integer) does not exist | No function matches the given name and argument types. You might need to add explicit type casts. | condition "nothing(age)"')
  ) AS t (condition, told);

---- a million rows ----

CREATE TABLE cons_million (sex text, "Größe" int CHECK ("Größe" > 120), site text, entry date NOT NULL, last_seen date, CHECK (last_seen >= entry));
INSERT INTO cons_million
SELECT CASE WHEN i % 2 = 0 THEN 'w' ELSE 'm' END, 121 + i * 7919 % 80, (ARRAY['C50', 'C61', 'C34', 'C18'])[1 + i * 7907 % 4], date '2010-01-01' + i % 3000, CASE WHEN i % 5 > 0 THEN date '2010-01-01' + i % 3000 + i * 31 % 900 END
FROM generate_series(1, 4000) AS i;
SELECT kiaim.fit('cons_million', 'cons_million', '{"seed": 1, "constraints": ["sex = ''m'' OR site NOT LIKE ''C61%''", "\"Größe\" % 10 <> 3", "last_seen - entry <> 365"]}');
SELECT is((SELECT count(*) FILTER (WHERE (sex = 'm' OR site NOT LIKE 'C61%') IS NOT FALSE AND ("Größe" % 10 <> 3) IS NOT FALSE AND (last_seen - entry <> 365) IS NOT FALSE AND ("Größe" > 120) IS NOT FALSE AND (last_seen >= entry) IS NOT FALSE AND entry IS NOT NULL)
	FROM kiaim.sample(NULL::cons_million, 'cons_million', 1000000, 1)), 1000000::bigint, 'all of them satisfy what was declared and what the table checks');

---- what cannot hold ----

CREATE TABLE cons_never (age int CONSTRAINT never CHECK (age > 200), grade int CHECK (grade <> 3));
CREATE TABLE cons_missing (age int, hospital text CONSTRAINT hospital_known CHECK (hospital IS NOT NULL));
SELECT is(pg_temp.error_of(statement), told, statement)
FROM (VALUES
	('SELECT kiaim.sample(NULL::cons_never, ''cons_free'', 10, 1)', '23514 | no row of model "cons_free" satisfies constraint "never" | 100000 rows in a row failed constraints, this one most. | Fit the model to rows that satisfy it, with all columns that it reads.'),
	('SELECT * FROM kiaim.sample(NULL::cons_missing, ''cons_free'', 10, 1)', '23514 | no row of model "cons_free" satisfies constraint "hospital_known" | 100000 rows in a row failed constraints, this one most. | Fit the model to rows that satisfy it, with all columns that it reads.'),
	('SELECT kiaim.sample(NULL::cons_table, ''cons_free'', 10, 1, ''{"age": 50}'')', '23514 | no row of model "cons_free" satisfies constraint "cons_table_age_check" | 100000 rows in a row failed constraints, this one most. | Fit the model to rows that satisfy it, with all columns that it reads.')
  ) AS t (statement, told);
SELECT kiaim.fit('cons_impossible', 'cons_source', '{"method": "marginals", "seed": 1, "constraints": ["sex = ''X''"]}');
SELECT is(pg_temp.error_of('SELECT kiaim.sample(NULL::cons_source, ''cons_impossible'', 1, 1)'), '23514 | no row of model "cons_impossible" satisfies constraint "sex = ''X''" | 100000 rows in a row failed constraints, this one most. | Fit the model to rows that satisfy it, with all columns that it reads.', 'a declared one');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::cons_never, 'cons_free', 0, 1)), 0::bigint, 'no row is no error');

SELECT * FROM finish();
ROLLBACK;
