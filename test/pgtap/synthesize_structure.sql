-- What hangs together in the data hangs together in every synthetic row: formulas, orders of dates, what is missing with what, the end of a study; and what holds in tables made at random.
\set ON_ERROR_STOP on
BEGIN;
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- numbers of 0 .. 1 that depend on i alone
CREATE FUNCTION pg_temp.unit(i bigint, salt text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
	$$ SELECT (hashtextextended(salt || i, 0) & 9007199254740991) / 9007199254740992.0 $$;

---- formulas, orders, what is missing ----

CREATE TABLE tumour AS
SELECT born, diagnosed, extract(year FROM age(diagnosed, born))::int AS age, extract(year FROM diagnosed)::int AS year, site, (ARRAY['breast', 'lung', 'colon', 'prostate', 'skin'])[s + 1] AS organ,
	site AS reported_site, nodes_left, nodes_right, nodes_left + nodes_right AS nodes, therapy, CASE WHEN therapy <> 'none' THEN diagnosed + (u * 60)::int END AS therapy_date,
	CASE WHEN therapy IN ('drug', 'both') THEN (ARRAY['A', 'B', 'C'])[1 + s % 3] END AS drug, relapsed, died, died - diagnosed AS survived
FROM (SELECT i, s, u, born, diagnosed, (ARRAY['C50', 'C34', 'C18', 'C61', 'C43'])[s + 1] AS site, (pg_temp.unit(i, 'l') * 9)::int AS nodes_left, (pg_temp.unit(i, 'r') ^ 2 * 14)::int AS nodes_right,
		(ARRAY['none', 'surgery', 'drug', 'both'])[1 + (u * 13)::int % 4] AS therapy, CASE WHEN relapse < least(death, 2400) THEN diagnosed + relapse::int END AS relapsed, CASE WHEN death <= 3000 THEN diagnosed + death::int END AS died
	FROM (SELECT i, (pg_temp.unit(i, 's') * 4.99)::int % 5 AS s, pg_temp.unit(i, 'u') AS u, date '1925-03-01' + (pg_temp.unit(i, 'b') * 18000)::int AS born, date '2008-01-01' + (pg_temp.unit(i, 'd') * 5000)::int AS diagnosed,
			-ln(pg_temp.unit(i, 'x')) * 1500 AS relapse, -ln(pg_temp.unit(i, 'y')) * 2000 AS death
		FROM generate_series(1, 3000) AS i) AS a) AS b;
SELECT kiaim.fit('tumour_' || method, 'tumour', jsonb_build_object('method', method, 'seed', 1)) FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method;
CREATE TABLE tumour_made AS SELECT method, s.* FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method, LATERAL kiaim.sample(NULL::tumour, 'tumour_' || method, CASE method WHEN 'sequential' THEN 100000 ELSE 20000 END, 1) AS s;
CREATE FUNCTION pg_temp.always(method text, condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE failed bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM tumour_made WHERE method = %L AND (%s) IS NOT TRUE', method, condition) INTO failed;
	RETURN is(failed, 0::bigint, format('%s, in every row: %s', method, condition));
END $$;
-- each column by itself, marginals still make what follows from others, and what is not passed
SELECT pg_temp.always(method, condition) FROM unnest(ARRAY['sequential', 'forest', 'marginals']) AS method, unnest(ARRAY[
	'age = extract(year FROM age(diagnosed, born))', 'year = extract(year FROM diagnosed)', 'nodes = nodes_left + nodes_right', 'reported_site = site', 'survived IS NOT DISTINCT FROM died - diagnosed',
	$$organ = (ARRAY['breast', 'lung', 'colon', 'prostate', 'skin'])[array_position(ARRAY['C50', 'C34', 'C18', 'C61', 'C43'], site)]$$,
	'relapsed <= died OR num_nulls(relapsed, died) > 0', 'therapy_date >= diagnosed OR therapy_date IS NULL', 'survived >= 0 OR died IS NULL', 'nodes_left >= 0 AND nodes_right >= 0', 'born < diagnosed']) AS condition;
SELECT pg_temp.always(method, condition) FROM unnest(ARRAY['sequential', 'forest']) AS method, unnest(ARRAY[$$(therapy = 'none') = (therapy_date IS NULL)$$, $$(therapy IN ('drug', 'both')) = (drug IS NOT NULL)$$]) AS condition;
SELECT is((SELECT count(*) FROM tumour WHERE age <> extract(year FROM age(diagnosed, born)) OR relapsed > died OR (therapy = 'none') <> (therapy_date IS NULL)), 0::bigint, 'as in the data');
-- five standard errors of the difference of two shares are 0.05 at most; groups of the forest smooth them
SELECT cmp_ok(abs(m.share - t.share), '<', 0.06, format('%s: as many have a %s as in the data', m.method, what))
FROM (SELECT what, avg(hit::int) AS share FROM tumour, LATERAL (VALUES ('therapy', therapy <> 'none'), ('relapse', relapsed IS NOT NULL), ('death', died IS NOT NULL), ('relapse in the year before death', died - relapsed < 365 IS TRUE)) AS v (what, hit) GROUP BY 1) AS t
JOIN (SELECT method, what, avg(hit::int) AS share FROM tumour_made, LATERAL (VALUES ('therapy', therapy <> 'none'), ('relapse', relapsed IS NOT NULL), ('death', died IS NOT NULL), ('relapse in the year before death', died - relapsed < 365 IS TRUE)) AS v (what, hit)
	WHERE method <> 'marginals' GROUP BY 1, 2) AS m USING (what);

---- the end of a study ----

-- some die, some are lost, and all others are censored on the day on which the study ends
CREATE TABLE cohort AS
SELECT stage, entry, entry + least(event, end_of_study, lost)::int AS last_seen, least(event, end_of_study, lost)::int AS time, CASE least(event, end_of_study, lost) WHEN event THEN 'dead' WHEN end_of_study THEN 'alive' ELSE 'lost' END AS status
FROM (SELECT 1 + (pg_temp.unit(i, 'g') ^ 1.5 * 3.99)::int % 4 AS stage, entry, date '2022-12-31' - entry AS end_of_study, CASE WHEN pg_temp.unit(i, 'l') < 0.1 THEN ceil(pg_temp.unit(i, 'c') * 4000) END AS lost,
		ceil(-ln(pg_temp.unit(i, 't')) * 6000 / (1 + (pg_temp.unit(i, 'g') ^ 1.5 * 3.99)::int % 4) ^ 2) AS event
	FROM (SELECT i, date '2010-01-01' + (pg_temp.unit(i, 'e') * 4700)::int AS entry FROM generate_series(1, 5000) AS i) AS a) AS b;
-- Kaplan and Meier: at each time of death, the share of those still seen who do not die
CREATE FUNCTION pg_temp.survival(cohort regclass) RETURNS TABLE (stage int, at int, alive float8) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH times AS (SELECT stage, time, count(*) FILTER (WHERE status = 'dead') AS died, sum(count(*)) OVER (PARTITION BY stage ORDER BY time DESC) AS seen FROM %s GROUP BY 1, 2)
		SELECT stage, at, coalesce(exp(sum(ln(greatest(1 - died / seen, 1e-9)))), 1)::float8 FROM generate_series(1, 4) AS stage CROSS JOIN unnest(ARRAY[180, 365, 1095, 1825]) AS at LEFT JOIN times USING (stage)
		WHERE time <= at GROUP BY 1, 2$q$, cohort);
END $$;
SELECT kiaim.fit('cohort', 'cohort', '{"method": "sequential", "seed": 1}');
CREATE TABLE cohort_made AS SELECT * FROM kiaim.sample(NULL::cohort, 'cohort', 10000, 1);
SELECT is((SELECT count(*) FROM cohort_made WHERE entry + time > '2022-12-31' OR time < 0 OR last_seen <> entry + time), 0::bigint, 'nobody is seen after the end of the study, nor before its beginning');
SELECT cmp_ok((SELECT avg((last_seen = '2022-12-31')::int) FROM cohort_made WHERE status = 'alive'), '>', 0.95, 'who is alive is censored at its end');
SELECT cmp_ok(abs((SELECT avg((last_seen = '2022-12-31')::int) FROM cohort_made) - (SELECT avg((last_seen = '2022-12-31')::int) FROM cohort)), '<', 0.04, 'as many as in the data: five standard errors');
SELECT cmp_ok(abs((SELECT avg((status = 'dead')::int) FROM cohort_made) - (SELECT avg((status = 'dead')::int) FROM cohort)), '<', 0.04, 'as many die');
SELECT is((SELECT count(*) FROM pg_temp.survival('cohort')), 16::bigint, 'four stages at four times');
SELECT cmp_ok(abs(a.alive - b.alive), '<', 0.05 + 3 * sqrt(a.alive * (1 - a.alive) * (1.0 / n + 1.0 / (2 * n))), format('survival of stage %s after %s days', stage, at))
FROM pg_temp.survival('cohort') AS a JOIN pg_temp.survival('cohort_made') AS b USING (stage, at) JOIN (SELECT stage, count(*) AS n FROM cohort GROUP BY 1) AS c USING (stage);

---- tables made at random ----

-- An expression of a column of kind k for a table with so many rows; the last three depend on the columns before.
CREATE FUNCTION pg_temp.column_of(k int, t int, c int) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace((ARRAY[
		'(U * 40)::int', '(U ^ 3 * 30000)::smallint', '((U - 0.5) * 1e12)::bigint', '(exp(U * 8) - 500)::numeric(8, 2)', '(U * 12 - 6)::real', '-ln(U + 1e-9)', 'date ''2015-02-01'' + (U * 900)::int',
		'timestamp ''1999-12-31 22:00'' + (U * 4000)::int * interval ''37 minutes''', 'timestamptz ''2020-01-01 00:00+00'' + U * interval ''1 year''', 'time ''06:00'' + (U * 60)::int * interval ''15 minutes''',
		'''k'' || (U ^ 2 * 9)::int', 'chr(65 + (U * 5)::int)::char(4)', '(ARRAY[''low'', ''middle'', ''high''])[1 + (U * 2)::int]::random_level', 'U < 0.3', 'md5((U * 6)::int::text)::uuid', 'round((U * 100)::numeric) / 4',
		'(U * 3)::int::random_grade', 'CASE WHEN U < 0.8 THEN 0 ELSE (U * 500)::int END', 'NULL::int', '7'])[k], '\mU\M', format('pg_temp.unit(i, ''%s.%s'')', t, c), 'g') $$;

CREATE TYPE random_level AS ENUM ('low', 'middle', 'high', 'highest');
CREATE DOMAIN random_grade AS smallint CHECK (VALUE BETWEEN 0 AND 3);

-- the same tables on every server, whose random() differ
CREATE TEMP SEQUENCE throws START 42000;
CREATE FUNCTION pg_temp.dice() RETURNS float8 LANGUAGE sql AS $$ SELECT pg_temp.unit(nextval('throws'), 'dice') $$;

-- A table of random columns: some are missing at random or with others, some follow from others, some are NOT NULL or in order.
CREATE FUNCTION pg_temp.random_table(t int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	inner_columns text := 'i';
	outer_columns text := '';
	constraints text[] := '{}';
	n int := 3 + (pg_temp.dice() * 7)::int;
	kind int;
	missing float8;
	last_date text;
BEGIN
	FOR c IN 1 .. n LOOP
		kind := 1 + floor(pg_temp.dice() * 20)::int;
		inner_columns := inner_columns || format(', %s AS c%s', pg_temp.column_of(kind, t, c), c);
		missing := pg_temp.dice();
		IF c > 1 AND missing < 0.15 THEN
			outer_columns := outer_columns || format(', CASE WHEN c%s::text > %L THEN c%s END AS c%s', c - 1, 'k', c, c);
		ELSIF missing < 0.35 THEN
			outer_columns := outer_columns || format(', CASE WHEN pg_temp.unit(i, ''%s.%s'') > %s THEN c%s END AS c%s', t, c, missing, c, c);
		ELSE
			outer_columns := outer_columns || format(', c%s', c);
			IF kind <> 19 AND missing > 0.6 THEN constraints := constraints || format('ALTER c%s SET NOT NULL', c); END IF;
			IF kind = 7 THEN
				outer_columns := outer_columns || format(', c%s + (pg_temp.unit(i, ''d%s'') ^ 2 * 90)::int AS later%s', c, c, c);
				constraints := constraints || format('ADD CHECK (later%s >= c%s)', c, c);
			ELSIF kind IN (1, 2, 16, 18) THEN
				outer_columns := outer_columns || format(', c%s * 2 + 1 AS twice%s, c%s + (pg_temp.unit(i, ''d%s'') * 9)::int AS more%s', c, c, c, c, c);
				constraints := constraints || format('ADD CHECK (more%s >= c%s AND c%s >= 0)', c, c, c);
			ELSIF kind IN (11, 13) THEN
				outer_columns := outer_columns || format(', upper(c%s::text) AS label%s', c, c);
			END IF;
		END IF;
	END LOOP;
	EXECUTE format('CREATE TABLE random_%s AS SELECT i / %s AS person%s FROM (SELECT %s FROM generate_series(1, %s) AS i) AS s', t, 1 + (pg_temp.dice() * 2)::int, outer_columns, inner_columns, 40 + (pg_temp.dice() * 700)::int);
	FOR c IN 1 .. cardinality(constraints) LOOP
		EXECUTE format('ALTER TABLE random_%s %s', t, constraints[c]);
	END LOOP;
END $$;

-- What is wrong with rows that a model of a table made, column by column.
CREATE FUNCTION pg_temp.wrong(source regclass, made regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a record;
	failed bigint;
	told text := '';
BEGIN
	FOR a IN SELECT attname, attnotnull, t.typcategory, atttypid::regtype::text AS type FROM pg_attribute JOIN pg_type AS t ON t.oid = atttypid WHERE attrelid = source AND attnum > 0 AND attname <> 'person' LOOP
		EXECUTE format(CASE WHEN a.typcategory IN ('N', 'D') THEN 'SELECT count(*) FROM %2$s, (SELECT min(%1$I) AS low, max(%1$I) AS high FROM %3$s) AS x WHERE %1$I < ' || CASE WHEN a.type IN ('real', 'double precision')
				THEN 'low - 1e-14 * abs(low) OR %1$I > high + 1e-14 * abs(high) OR %1$I IS NOT NULL AND low IS NULL' ELSE 'low OR %1$I > high OR %1$I IS NOT NULL AND low IS NULL' END
			ELSE 'SELECT count(*) FROM %2$s WHERE %1$I IS NOT NULL AND %1$I NOT IN (SELECT %1$I FROM %3$s WHERE %1$I IS NOT NULL)' END, a.attname, made, source) INTO failed;
		IF failed > 0 THEN told := told || format('%s not of the data in %s rows; ', a.attname, failed); END IF;
		-- a column of which too few persons share a value is told to be always NULL
		CONTINUE WHEN EXISTS (SELECT FROM kiaim.model_columns('random') WHERE column_name = a.attname AND kind = 'empty');
		EXECUTE format('SELECT count(*) FROM %2$s WHERE %1$I IS NULL AND NOT EXISTS (SELECT FROM %3$s WHERE %1$I IS NULL)', a.attname, made, source) INTO failed;
		IF failed > 0 THEN told := told || format('%s is NULL in %s rows; ', a.attname, failed); END IF;
	END LOOP;
	RETURN told;
END $$;

DO $$BEGIN FOR t IN 1 .. 20 LOOP PERFORM pg_temp.random_table(t); END LOOP; END$$;
-- rows of the table, and of a view of it, which has no constraints
CREATE FUNCTION pg_temp.try(t int, method text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE told text;
BEGIN
	EXECUTE format('CREATE VIEW random_view AS SELECT * FROM random_%s', t);
	PERFORM kiaim.fit('random', 'random_' || t, jsonb_build_object('method', method, 'seed', t, 'person', 'person'));
	EXECUTE format('CREATE TABLE random_made AS SELECT * FROM kiaim.sample(NULL::random_%s, ''random'', 1500, %s)', t, t);
	EXECUTE format('CREATE TABLE random_free AS SELECT * FROM kiaim.sample(NULL::random_view, ''random'', 1500, %s)', t);
	told := concat_ws('', pg_temp.wrong(('random_' || t)::regclass, 'random_made'), 'free: ' || nullif(pg_temp.wrong(('random_' || t)::regclass, 'random_free'), ''));
	-- what the table demands of its rows holds in those of its type
	BEGIN
		EXECUTE format('CREATE TEMP TABLE back (LIKE random_%s INCLUDING ALL)', t);
		INSERT INTO back SELECT * FROM random_made;
		DROP TABLE back;
	EXCEPTION WHEN OTHERS THEN
		told := told || SQLERRM;
	END;
	DROP TABLE random_made, random_free;
	DROP VIEW random_view;
	RETURN told;
END $$;
SELECT is(pg_temp.try(t, method), '', format('random table %s, method %s', t, method)) FROM generate_series(1, 20) AS t, unnest(ARRAY['sequential', 'forest', 'marginals', 'auto']) AS method;

---- the end of a study that is no column ----

CREATE TABLE censored AS
SELECT entry, least(event, date '2022-12-31' - entry)::int AS time, event <= date '2022-12-31' - entry AS dead, i % 3 AS arm
FROM (SELECT i, date '2010-01-01' + i * 7919 % 4700 AS entry, ceil(-ln((i * 7907 % 5003 + 0.5) / 5003) * 3000) AS event FROM generate_series(1, 5000) AS i) AS s;
SELECT kiaim.fit('censored', 'censored', '{"method": "sequential", "seed": 1}');
CREATE TABLE censored_made AS SELECT * FROM kiaim.sample(NULL::censored, 'censored', 20000, 1);
SELECT is((SELECT count(*) FROM censored_made WHERE entry + time > '2022-12-31' OR time < 0), 0::bigint, 'nobody is followed beyond the end of the study');
SELECT is((SELECT count(*) FROM censored_made WHERE NOT dead AND entry + time <> '2022-12-31'), 0::bigint, 'and who lives is followed until then');
SELECT cmp_ok((SELECT abs(avg(dead::int) - (SELECT avg(dead::int) FROM censored)) FROM censored_made), '<', 0.03, 'as many die');
SELECT is((SELECT formula FROM kiaim.model_columns('censored') WHERE column_name = 'time'), '"entry + time" - entry', 'the time follows from the last day');

SELECT * FROM finish();
ROLLBACK;
