-- IMMUTABLE and PARALLEL SAFE meant literally: no setting changes a label, and
-- indexes and parallel plans give what a plain scan gives.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE pg_temp.every_type (
	i int, n numeric, f4 float4, f8 float8, d date, ts timestamp, tz timestamptz, iv interval, by bytea,
	ts_array timestamptz[], f_array float8[], by_array bytea[], ranges tstzrange, ttz timetz, cash money, reg regclass, x xml);
INSERT INTO pg_temp.every_type VALUES (
	-5, 1.50, 0.1, 1e300 / 3, '2021-08-05', '2021-08-05 12:30', '2021-08-05 23:30-05', '1 year 2 days 03:00', '\x00ff',
	'{2021-08-05 23:30-05,infinity}', '{0.1,1e-7}', '{"\\x00ff"}', '[2021-08-05 23:30-05,2021-08-06 23:30-05)', '12:30-05', 12.5::money,
	'kiaim.named_hierarchy', '<a/>');

CREATE FUNCTION pg_temp.labels() RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', kiaim.path(i, 'bins(2)'), kiaim.path(n, 'bins(0.5)'), kiaim.path(f4, 'bins(0.1)'), kiaim.path(f8, 'flat'),
		kiaim.path(d, 'calendar(month)'), kiaim.path(ts, 'calendar(day)'), kiaim.path(tz, 'calendar(day)'), kiaim.path(iv, 'flat'),
		kiaim.path(by, 'flat'), kiaim.path(ts_array, 'flat'), kiaim.path(f_array, 'flat'), kiaim.path(by_array, 'flat'),
		kiaim.path(ranges, 'flat'), kiaim.path(ttz, 'flat'), kiaim.path(cash, 'flat'), kiaim.path(reg, 'flat'), kiaim.path(x, 'flat'),
		kiaim.path(every_type, 'flat'), kiaim.path(d, 'prefix(4)'), kiaim.path(tz, 'prefix(13)'))
	FROM pg_temp.every_type
$$;
CREATE TEMP TABLE labels AS SELECT pg_temp.labels() AS before;
SELECT is(before, $l${-5,"[-6,-4)",*} {1.50,"[1.5,2)",*} {0.1,"[0.1,0.2)",*} {3.3333333333333335e+299,*} {2021-08-05,2021-08,*} {"2021-08-05 12:30:00",2021-08-05,*} {"2021-08-06 04:30:00+00",2021-08-06,*} {"1 year 2 days 03:00:00",*} {"\\x00ff",*} {"{\"2021-08-06 04:30:00+00\",infinity}",*} {"{0.1,1e-07}",*} {"{\"\\\\x00ff\"}",*} {"[\"2021-08-06 04:30:00+00\",\"2021-08-07 04:30:00+00\")",*} {12:30:00-05,*} {$12.50,*} {kiaim.named_hierarchy,*} {<a/>,*} $l$
		|| array[before_record, '*']::text || $l$ {2021-08-05,2021******,*} {"2021-08-06 04:30:00+00","2021-08-06 04*********",*}$l$, 'the labels themselves')
  FROM labels, LATERAL (SELECT '(-5,1.50,0.1,3.3333333333333335e+299,2021-08-05,"2021-08-05 12:30:00","2021-08-06 04:30:00+00","1 year 2 days 03:00:00","\\x00ff","{""2021-08-06 04:30:00+00"",infinity}","{0.1,1e-07}","{""\\\\x00ff""}","[""2021-08-06 04:30:00+00"",""2021-08-07 04:30:00+00"")",12:30:00-05,$12.50,kiaim.named_hierarchy,<a/>)' AS before_record) AS r;

SET LOCAL "DateStyle" = 'German, DMY';
SET LOCAL "IntervalStyle" = 'iso_8601';
SET LOCAL "TimeZone" = 'Pacific/Auckland';
SET LOCAL extra_float_digits = -5;
SET LOCAL bytea_output = 'escape';
SET LOCAL quote_all_identifiers = on;
SET LOCAL xmlbinary = 'hex';
SELECT is(pg_temp.labels(), before, 'no output setting changes a label') FROM labels;
SET LOCAL search_path = kiaim, public;
SELECT is(pg_temp.labels(), before, 'nor does search_path') FROM labels;
RESET search_path;
SELECT is(concat_ws(' ', current_setting('DateStyle'), current_setting('TimeZone'), current_setting('extra_float_digits'),
		  current_setting('bytea_output'), current_setting('IntervalStyle')),
		  'German, DMY Pacific/Auckland -5 escape iso_8601', 'and generalizing leaves the settings as they were');
DO $$
BEGIN
	-- an output function that fails half way
	PERFORM kiaim.generalize(ARRAY[xmlparse(content '<a/>')], 'flat', 3);
EXCEPTION WHEN OTHERS THEN NULL;
END $$;
SELECT is(current_setting('DateStyle'), 'German, DMY', 'also after an error');
RESET ALL;
SET client_min_messages = warning;

-- marks
SELECT is_empty($$
	SELECT oid::regprocedure FROM pg_proc
	 WHERE pronamespace = 'kiaim'::regnamespace AND (proname IN ('generalize', 'path', 'height', 'bin') OR proname LIKE 'hierarchy\_%')
	   AND prokind = 'f' AND (provolatile <> 'i' OR proparallel <> 's')
$$, 'all functions are IMMUTABLE and PARALLEL SAFE');

-- an index
CREATE TABLE pg_temp.person (id int, age int, birth date, city text);
INSERT INTO pg_temp.person
	SELECT i, i % 97, date '1930-01-01' + (i * 37) % 30000, (ARRAY['Bonn', 'Ulm', 'Paris'])[1 + i % 3] FROM generate_series(1, 20000) AS i;
CREATE INDEX person_age ON pg_temp.person (kiaim.generalize(age, 'bins(5, 10)', 1));
ANALYZE pg_temp.person;
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
	RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of($$ SELECT count(*) FROM pg_temp.person WHERE kiaim.generalize(age, 'bins(5,10)', 1) = '[20,25)' $$),
			   'person_age', 'an index on generalize() is used, however the definition is spelled');
SELECT is((SELECT count(*) FROM pg_temp.person WHERE kiaim.generalize(age, 'bins(5, 10)', 1) = '[20,25)'),
		  (SELECT count(*) FROM pg_temp.person WHERE age >= 20 AND age < 25), 'and finds the rows');
SET LOCAL enable_seqscan = on;

-- a generated column
CREATE TABLE pg_temp.generated (birth date, year text GENERATED ALWAYS AS (kiaim.generalize(birth, 'calendar(year)', 1)) STORED);
INSERT INTO pg_temp.generated VALUES ('2021-08-05'), (NULL), ('infinity');
SELECT results_eq('SELECT year FROM pg_temp.generated', $$ VALUES ('2021'), (NULL), ('*') $$, 'a generated column');

-- a parallel plan, also for types that need their output function
CREATE TABLE kiaim_test_parallel AS
	SELECT i % 97 AS age, date '1930-01-01' + (i * 37) % 30000 AS birth, make_interval(days => i % 11) AS waited,
		   ARRAY[timestamptz '2021-08-05 00:00+00' + make_interval(hours => i % 5)] AS seen, (ARRAY['Bonn', 'Ulm', 'Paris'])[1 + i % 3] AS city
	  FROM generate_series(1, 30000) AS i;
ANALYZE kiaim_test_parallel;
SET LOCAL "TimeZone" = 'Asia/Kolkata';
SET LOCAL "IntervalStyle" = 'iso_8601';
CREATE FUNCTION pg_temp.question() RETURNS text LANGUAGE sql AS $q$ SELECT $$
	SELECT kiaim.generalize(age, 'bins(5, 10)', 1) AS a, kiaim.generalize(birth, 'calendar(month, decade)', 2) AS b,
		   kiaim.generalize(waited, 'flat', 0) AS c, kiaim.generalize(seen, 'flat', 0) AS d,
		   kiaim.generalize(city, '{"*": {"DE": ["Bonn", "Ulm"]}}', 1) AS e, count(*)
	  FROM kiaim_test_parallel GROUP BY 1, 2, 3, 4, 5 $$ $q$;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT format('CREATE TEMP TABLE serial_result AS %s', pg_temp.question()) \gexec
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT matches(pg_temp.plan_of(pg_temp.question()), 'Gather', 'generalize() runs in parallel workers');
SELECT bag_eq(pg_temp.question(), 'SELECT * FROM serial_result', 'with the same labels');
SELECT is((SELECT min(seen) FROM (SELECT kiaim.generalize(seen, 'flat', 0) AS seen FROM kiaim_test_parallel) AS x),
		  '{"2021-08-05 00:00:00+00"}', 'in UTC there as well');

SELECT * FROM finish();
ROLLBACK;
