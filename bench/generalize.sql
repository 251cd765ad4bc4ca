-- Generalizations per second and core: count(kiaim.generalize(column, ...)) over
-- two million rows, the best of five runs, one process, no parallel workers. Time
-- is the processor time of the server process where /proc tells it, so that other
-- work on the machine hardly counts; otherwise it is the clock's.
-- The plain baselines are count(column), which is the scan, and
-- count(column::text), which is what the server itself takes to make a text.
-- "per second" leaves the scan in; "of it, the function" takes it out.
\set QUIET on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '64MB';

CREATE FUNCTION pg_temp.seconds() RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e9;
EXCEPTION WHEN OTHERS THEN
	RETURN extract(epoch FROM clock_timestamp());
END $$;

SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE bench_value AS
	SELECT (random() * 100)::int AS age, date '1930-01-01' + (random() * 30000)::int AS birth,
		   timestamptz '1930-01-01 00:00+00' + random() * 30000 * interval '1 day' AS seen,
		   lpad((random() * 99999)::int::text, 5, '0') AS postcode, 'C' || lpad((random() * 80)::int::text, 2, '0') || '.' || (random() * 9)::int AS icd10,
		   'city ' || (random() * 999)::int AS city, (random() * 100)::numeric(5, 2) AS weight, random() * 100 AS score
	  FROM generate_series(1, 2000000);
VACUUM (ANALYZE, FREEZE) bench_value;

CREATE TEMP TABLE bench_result (id serial, value text, definition text, level int, seconds float8, scan float8);
DO $$
DECLARE
	bench record; started float8; best float8; expression text; tree text; scan float8;
BEGIN
	SELECT kiaim.hierarchy_agg('city ' || i, 'region ' || i / 10, 'state ' || i / 100)::text INTO tree FROM generate_series(0, 999) AS i;
	FOR bench IN SELECT * FROM (VALUES
		('age', NULL, -1), ('age', NULL, 0), ('age', 'flat', 0), ('age', 'bins(5, 10, 20)', 1), ('age', 'bins(5, 10, 20, below=15, above=85)', 3),
		('age', 'breaks(0, 18, 40, 65, 80; 0, 40, 80)', 1), ('age', 'age_groups', 1),
		('birth', NULL, -1), ('birth', NULL, 0), ('birth', 'calendar(month, quarter, year)', 0), ('birth', 'calendar(month, quarter, year)', 1),
		('birth', 'calendar(month, quarter, year)', 3), ('birth', 'calendar(week)', 1), ('birth', 'calendar(month, 5 years)', 2),
		('seen', NULL, -1), ('seen', NULL, 0), ('seen', 'calendar(month)', 0), ('seen', 'calendar(month)', 1),
		('postcode', NULL, -1), ('postcode', 'prefix(3, 2)', 0), ('postcode', 'prefix(3, 2)', 1), ('postcode', 'suffix(2)', 1),
		('icd10', 'icd10', 1), ('icd10', 'icd10', 3),
		('city', tree, 1), ('city', tree, 2), ('city', tree, 3),
		('weight', NULL, -1), ('weight', NULL, 0), ('weight', 'bins(5, 10)', 1),
		('score', NULL, -1), ('score', NULL, 0), ('score', 'flat', 0), ('score', 'bins(5, 10)', 1)
	  ) AS v(value, definition, level) LOOP
		expression := CASE WHEN bench.level < 0 THEN bench.value
						   WHEN bench.definition IS NULL THEN bench.value || '::text'
						   ELSE format('kiaim.generalize(%s, %L, %s)', bench.value, bench.definition, bench.level) END;
		best := 'infinity';
		FOR i IN 1 .. 5 LOOP
			started := pg_temp.seconds();
			EXECUTE format('SELECT count(%s) FROM bench_value', expression);
			best := least(best, pg_temp.seconds() - started);
		END LOOP;
		IF bench.level < 0 THEN scan := best; END IF;
		INSERT INTO bench_result (value, definition, level, seconds, scan)
		VALUES (bench.value, CASE WHEN bench.definition = tree THEN 'a tree of 1000 leaves'
								  ELSE coalesce(bench.definition, CASE WHEN bench.level < 0 THEN '(the scan alone)' ELSE '(the server''s own ::text)' END) END,
				nullif(greatest(bench.level, 0), CASE WHEN bench.definition IS NULL THEN 0 ELSE -1 END), best, scan);
	END LOOP;
END $$;

SELECT value, definition, level, round((2 / seconds)::numeric, 1) AS "million per second",
	   CASE WHEN seconds <> scan THEN round(((seconds - scan) / 2e6 * 1e9)::numeric) END AS "of it, the function: ns"
  FROM bench_result ORDER BY id;

-- The slowest way of all: a type that needs its output function under fixed settings.
\timing on
\echo 'One hundred thousand intervals, by the output function under fixed settings:'
SELECT count(kiaim.generalize(make_interval(days => age), 'flat', 0)) FROM (SELECT age FROM bench_value LIMIT 100000) AS x;
\echo 'A hierarchy of 100,000 leaves, aggregated and parsed:'
SELECT kiaim.height(kiaim.hierarchy_agg(i::text, (i / 10)::text, (i / 100)::text)::text::kiaim.hierarchy) FROM generate_series(1, 100000) AS i;
\timing off
DROP TABLE bench_value;
