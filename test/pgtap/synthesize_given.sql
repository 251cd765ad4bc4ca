-- What is given of rows: they are as given, and else distributed as those of an unconditional sample that happen to be so.
BEGIN;
SET client_min_messages = warning;
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
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''), substring(context FROM 'value "[^\n]*given for column "[^\n]*"'));
END $$;

CREATE TYPE given_vital AS ENUM ('alive', 'dead');
CREATE TABLE given_tumour (sex text, site text, age int, diagnosed date, year int, size numeric(5, 1), died date, days int, vital given_vital, smoker boolean, noted timestamptz, rare text, empty text);
INSERT INTO given_tumour
SELECT sex, site, age, diagnosed, extract(year FROM diagnosed), size, CASE WHEN days < 900 THEN diagnosed + days END, CASE WHEN days < 900 THEN days END,
	(ARRAY['alive', 'dead'])[1 + (days < 900)::int]::given_vital, CASE WHEN i % 7 > 0 THEN age % 3 = 0 END,
	diagnosed + i % 24 * interval '1 hour', CASE WHEN i <= 3 THEN 'unique' WHEN i % 500 = 0 THEN 'few' ELSE 'many' END, NULL
FROM (SELECT i, CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END AS sex,
		CASE WHEN i % 2 = 0 THEN (ARRAY['C50.1', 'C50.4', 'C50.9', 'C34.1', 'C18.2', 'C56'])[1 + i / 2 * 7 % 6] ELSE (ARRAY['C61', 'C34.1', 'C34.3', 'C18.2'])[1 + i / 2 * 7 % 4] END AS site,
		30 + i * 7 % 50 + i % 2 * 5 AS age, date '2015-01-01' + i * 31 % 2200 AS diagnosed,
		CASE WHEN i % 11 > 0 THEN i * 13 % 900 / 10.0 END::numeric(5, 1) AS size, i * 97 % 1500 + i % 2 * 200 AS days
	FROM generate_series(1, 20000) AS i) AS r;
SELECT kiaim.fit('given_model', 'given_tumour', '{"method": "sequential", "seed": 1, "columns": {"site": {"hierarchy": "icd10"}, "*": {}}}');
CREATE TABLE given_all AS SELECT * FROM kiaim.sample(NULL::given_tumour, 'given_model', 100000, 7);

-- The rows given are all as given and as likely as among all: the statistic of two samples over age, sex, group of sites,
-- years and vital status is below a limit that it exceeds by chance in one of a million cases (Wilson and Hilferty's quantile).
CREATE FUNCTION pg_temp.as_given(given jsonb, condition text, rows bigint DEFAULT 10000) RETURNS text LANGUAGE plpgsql AS $$
DECLARE bad bigint; statistic float8; cells int; found bigint;
BEGIN
	EXECUTE format($q$CREATE TEMP TABLE given_some ON COMMIT DROP AS SELECT * FROM kiaim.sample(NULL::given_tumour, 'given_model', %s, 8, %L)$q$, rows, given);
	EXECUTE format('SELECT count(*) FILTER (WHERE (%s) IS NOT TRUE), count(*) FROM given_some', condition) INTO bad, found;
	EXECUTE format($q$
		WITH r AS (SELECT true AS given, * FROM given_some UNION ALL SELECT false, * FROM given_all WHERE %s),
			c AS (SELECT count(*) FILTER (WHERE NOT given)::float8 AS a, count(*) FILTER (WHERE given)::float8 AS b, row_number() OVER () AS cell
				FROM r GROUP BY sex, left(site, 3), age / 20, extract(year FROM diagnosed), vital),
			d AS (SELECT sum(a) AS a, sum(b) AS b FROM c GROUP BY CASE WHEN a + b >= 20 THEN cell END),
			t AS (SELECT sum(a) AS a, sum(b) AS b FROM d)
		SELECT sum((sqrt(t.b / t.a) * d.a - sqrt(t.a / t.b) * d.b) ^ 2 / (d.a + d.b)), greatest(count(*) - 1, 1) FROM d, t$q$, condition) INTO statistic, cells;
	DROP TABLE given_some;
	RETURN CASE WHEN found <> rows THEN format('%s rows', found) WHEN bad > 0 THEN format('%s rows not as given', bad)
		WHEN statistic > cells * (1 - 2.0 / (9 * cells) + 4.753 * sqrt(2.0 / (9 * cells))) ^ 3 THEN format('%s over %s cells', statistic, cells) ELSE 'as given' END;
END $$;

SELECT is(pg_temp.as_given(given::jsonb, condition), 'as given', given)
FROM (VALUES
	('{}', 'true'),
	('{"sex": "F"}', 'sex = ''F'''),
	('{"sex": ["F", "M"]}', 'sex IN (''F'', ''M'')'),
	('{"site": "C50"}', 'site LIKE ''C50%'''),
	('{"site": "C50.4"}', 'site = ''C50.4'''),
	('{"site": ["C50.4", "C34"]}', 'site = ''C50.4'' OR site LIKE ''C34%'''),
	('{"age": 40}', 'age = 40'),
	('{"age": [40, "[60,65)"]}', 'age = 40 OR age BETWEEN 60 AND 64'),
	('{"age": "(,45]"}', 'age <= 45'),
	('{"age": "(70,)"}', 'age > 70'),
	('{"age": "(39.5,49.5)"}', 'age BETWEEN 40 AND 49'),
	('{"size": null}', 'size IS NULL'),
	('{"size": "[10.5,20)"}', 'size >= 10.5 AND size < 20'),
	('{"size": [null, "[80,)"]}', 'size IS NULL OR size >= 80'),
	('{"size": "[-infinity,infinity]"}', 'size IS NOT NULL'),
	('{"year": 2017}', 'year = 2017'),
	('{"year": "[2016,2018)", "sex": "M"}', 'year IN (2016, 2017) AND sex = ''M'''),
	('{"diagnosed": "[2016-03-01,2016-09-01)"}', 'diagnosed >= ''2016-03-01'' AND diagnosed < ''2016-09-01'''),
	('{"diagnosed": "[\"2016-03-01\", infinity]"}', 'diagnosed >= ''2016-03-01'''),
	('{"noted": "[2016-03-01 00:00+00,2016-09-01 00:00+00)"}', 'noted >= ''2016-03-01 00:00+00'' AND noted < ''2016-09-01 00:00+00'''),
	('{"died": null}', 'died IS NULL'),
	('{"died": "[2016-01-01,2017-01-01)"}', 'died >= ''2016-01-01'' AND died < ''2017-01-01'''),
	('{"days": "[0,365]"}', 'days BETWEEN 0 AND 365'),
	('{"vital": "dead", "age": "[30,60)"}', 'vital = ''dead'' AND age < 60'),
	('{"smoker": true}', 'smoker'),
	('{"smoker": ["no", null]}', 'NOT coalesce(smoker, false)'),
	('{"rare": "few"}', 'rare = ''few'''),
	('{"empty": null}', 'empty IS NULL'),
	('{"sex": "F", "site": "C50.9", "year": 2018, "vital": "alive", "smoker": false}', 'sex = ''F'' AND site = ''C50.9'' AND year = 2018 AND vital = ''alive'' AND NOT smoker')
  ) AS t (given, condition);

---- the same rows ----

SELECT results_eq('SELECT kiaim.sample(NULL::given_tumour, ''given_model'', 1000, 3, ''{"year": 2017}'')', 'SELECT s FROM kiaim.sample(NULL::given_tumour, ''given_model'', 3000, 3, ''{"year": 2017}'') AS s LIMIT 1000', 'the same seed, the same rows');
SELECT results_eq('SELECT kiaim.sample(NULL::given_tumour, ''given_model'', 1000, 3, NULL)', 'SELECT kiaim.sample(NULL::given_tumour, ''given_model'', 1000, 3, ''{}'')', 'nothing given');
CREATE TYPE given_few AS (age int, vital given_vital);
SELECT results_eq('SELECT * FROM kiaim.sample(NULL::given_few, ''given_model'', 1000, 3, ''{"year": 2017}'')', 'SELECT age, vital FROM kiaim.sample(NULL::given_tumour, ''given_model'', 1000, 3, ''{"year": 2017}'')', 'given of a column that is not asked for');

---- errors ----

SELECT is(pg_temp.error_of(format('SELECT kiaim.sample(NULL::given_tumour, ''given_model'', 10, 1, %L)', given)), told, given)
FROM (VALUES
	('[]', '22023 | what is given must be a JSON object of columns and values | For example: {"site": "C50", "year": "[2018,2022)"}.'),
	('"C50"', '22023 | what is given must be a JSON object of columns and values | For example: {"site": "C50", "year": "[2018,2022)"}.'),
	('{"sites": "C50"}', '42703 | model "given_model" has no column "sites" | Perhaps you meant the column "site".'),
	('{"site": {"from": "C50"}}', '22023 | what is given for column "site" must be a value, null, a range or an array of them | For example: {"site": "C50", "year": "[2018,2022)", "sex": ["F", "M"]}.'),
	('{"site": [["C50"]]}', '22023 | what is given for column "site" must be a value, null, a range or an array of them | For example: {"site": "C50", "year": "[2018,2022)", "sex": ["F", "M"]}.'),
	('{"site": []}', '22023 | the array given for column "site" is empty | Give a value, or leave the column out.'),
	('{"site": "C51"}', '22023 | model "given_model" makes no rows whose column "site" is C51 | It is not in the data, or fewer persons than min_leaf have it. | Perhaps you meant "C56".'),
	('{"sex": "f"}', '22023 | model "given_model" makes no rows whose column "sex" is f | It is not in the data, or fewer persons than min_leaf have it. | Perhaps you meant "F".'),
	('{"sex": null}', '22023 | model "given_model" makes no rows whose column "sex" is NULL | The column is never NULL in the data, or for fewer persons than min_leaf.'),
	('{"rare": "unique"}', '22023 | model "given_model" makes no rows whose column "rare" is unique | It is not in the data, or fewer persons than min_leaf have it.'),
	('{"age": 200}', '22023 | model "given_model" makes no rows whose column "age" is 200 | This is outside of what enough persons have.'),
	('{"age": "[200,)"}', '22023 | model "given_model" makes no rows whose column "age" is [200,) | This is outside of what enough persons have.'),
	('{"age": 40.5}', '22023 | model "given_model" makes no rows whose column "age" is 40.5 | Values of the column have no decimals.'),
	('{"size": 4.25}', '22023 | model "given_model" makes no rows whose column "size" is 4.25 | Values of the column have 1 decimals at most.'),
	('{"size": "NaN"}', '22023 | model "given_model" makes no rows whose column "size" is NaN | value "NaN" given for column "size"'),
	('{"age": "[50,40]"}', '22023 | model "given_model" makes no rows whose column "age" is [50,40] | No value of the column lies in this range. | value "[50,40]" given for column "age"'),
	('{"age": "(40,41)"}', '22023 | model "given_model" makes no rows whose column "age" is (40,41) | No value of the column lies in this range. | value "(40,41)" given for column "age"'),
	('{"age": "[40,50,60)"}', '22023 | malformed range "[40,50,60)" given for column "age" | A range is written as "[2018,2022)", "(,5]" or "[10,)". | value "[40,50,60)" given for column "age"'),
	('{"age": "forty"}', '22P02 | invalid input syntax for type numeric: "forty" | value "forty" given for column "age"'),
	('{"diagnosed": "[2016-13-01,)"}', '22008 | date/time field value out of range: "2016-13-01" | Perhaps you need a different "datestyle" setting. | value "[2016-13-01,)" given for column "diagnosed"'),
	('{"year": 1990}', '22023 | model "given_model" makes no rows whose column "year" is as given | It is computed from another column, which makes no such values or is given otherwise.'),
	('{"vital": "unknown"}', '22P02 | invalid input value for enum given_vital: "unknown" | value "unknown" given for column "vital"'),
	('{"empty": "x"}', '22023 | model "given_model" makes no rows whose column "empty" is x | The column is always NULL.'),
	('{"diagnosed": "2016-05-05", "year": 2018}', '22023 | model "given_model" makes no rows whose column "year" is as given | It is computed from another column, which makes no such values or is given otherwise.')
  ) AS t (given, told);
SELECT is(left(pg_temp.error_of('SELECT kiaim.sample(NULL::given_tumour, ''given_model'', 10, 1, ''{"site": "C61", "sex": "F"}'')'), 5), 'P0002', 'values that never occur together');

SELECT * FROM finish();
ROLLBACK;
