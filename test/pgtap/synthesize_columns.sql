-- Columns of synthetic rows: each type comes back as itself, as round, as heaped and within its ends.
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

-- The largest difference between the shares of values up to any value, of two queries with one column.
CREATE FUNCTION pg_temp.distance(a text, b text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE result float8;
BEGIN
	EXECUTE format($q$
		WITH both_tables AS (SELECT x, 1.0 / count(*) OVER () AS f, 0.0 AS g FROM (%s) AS s (x) WHERE x IS NOT NULL
		                     UNION ALL
		                     SELECT x, 0.0, 1.0 / count(*) OVER () FROM (%s) AS s (x) WHERE x IS NOT NULL)
		SELECT max(abs(d)) FROM (SELECT sum(sum(f) - sum(g)) OVER (ORDER BY x) AS d FROM both_tables GROUP BY x) AS s $q$, a, b)
	INTO result;
	RETURN result;
END $$;

-- numbers of 0 .. 1 that depend on i alone
CREATE FUNCTION pg_temp.unit(i bigint, salt text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
	$$ SELECT (hashtextextended(salt || i, 0) & 9007199254740991) / 9007199254740992.0 $$;

---- every type ----

CREATE DOMAIN days AS int CHECK (value BETWEEN 0 AND 400);
CREATE TABLE types AS
SELECT (pg_temp.unit(i, 'a') * 200 - 100)::smallint AS small, (pg_temp.unit(i, 'b') * 1000000)::int AS middle,
       (pg_temp.unit(i, 'c') * 1e15)::bigint * 1000 AS big, (pg_temp.unit(i, 'd') * 1000)::numeric(8, 2) AS money,
       (round(pg_temp.unit(i, 'e') * 400) / 4)::numeric AS quarters, (pg_temp.unit(i, 'f') * 30)::int / 10.0::real AS tenths,
       -ln(pg_temp.unit(i, 'g')) * 100 AS double, date '1990-02-01' + (pg_temp.unit(i, 'h') * 12000)::int AS day,
       timestamp '2001-01-01' + (pg_temp.unit(i, 'i') * 9000)::int * interval '1 day' AS midnight,
       timestamptz '2001-01-01 00:00+00' + pg_temp.unit(i, 'j') * interval '9000 days' AS moment,
       time '07:00' + (pg_temp.unit(i, 'k') * 130)::int * interval '5 minutes' AS clock,
       (pg_temp.unit(i, 'l') * 400)::int::days AS stay
  FROM generate_series(1, 3000) AS i;
SELECT kiaim.fit('types', 'types', '{"method": "marginals"}');
CREATE TABLE types_drawn AS SELECT * FROM kiaim.sample(NULL::types, 'types', 3000, seed => 1);

-- at a distance of 0.0503 equal distributions are told apart once in 1,000 times
SELECT ok(pg_temp.distance(format('SELECT %I FROM types', c), format('SELECT %I FROM types_drawn', c)) < 0.0503,
          format('column %s of %s has its distribution', c, t))
  FROM (SELECT a.attname, a.atttypid::regtype FROM pg_attribute AS a WHERE attrelid = 'types'::regclass AND attnum > 0) AS a (c, t);
SELECT is((SELECT count(*) FROM types_drawn WHERE num_nulls(VARIADIC ARRAY[small, middle, big, money, quarters]) > 0), 0::bigint,
          'what is never NULL never is');
SELECT is((SELECT count(*) FROM types_drawn WHERE big % 1000 <> 0), 0::bigint, 'thousands stay thousands');
SELECT is((SELECT count(*) FROM types_drawn WHERE scale(money) <> 2), 0::bigint, 'two decimals stay two');
SELECT is((SELECT count(*) FROM types_drawn WHERE quarters % 0.25 <> 0), 0::bigint, 'quarters stay quarters');
SELECT is((SELECT count(*) FROM types_drawn WHERE tenths::text !~ '^[0-9](\.[0-9])?$'), 0::bigint, 'tenths stay tenths');
SELECT is((SELECT count(*) FROM types_drawn WHERE double < 0), 0::bigint, 'no negative number of data that has none');
SELECT is((SELECT count(*) FROM types_drawn WHERE midnight <> date_trunc('day', midnight)), 0::bigint, 'whole days stay whole');
SELECT is((SELECT count(*) FROM types_drawn WHERE extract(minute FROM clock)::int % 5 <> 0 OR extract(second FROM clock) <> 0), 0::bigint,
          'five minutes stay five minutes');
SELECT ok((SELECT count(DISTINCT moment) FROM types_drawn) > 2990, 'moments are drawn to the microsecond');
SELECT ok((SELECT count(*) FROM types_drawn AS d JOIN types AS t USING (moment)) < 10, 'and are not copied');

---- ends ----

SELECT is((SELECT count(*) FROM types_drawn, (SELECT array_agg(double ORDER BY double) FROM types) AS t (v)
            WHERE double < v[10] OR double > v[2991]), 0::bigint,
          'nothing lies beyond the value of the tenth lowest and the tenth highest person');
SELECT is((SELECT count(*) FROM types_drawn, (SELECT array_agg(day ORDER BY day) FROM types) AS t (v)
            WHERE day < v[10] OR day > v[2991]), 0::bigint, 'of days neither');
SELECT kiaim.fit('extremes', 'types', '{"method": "marginals", "columns": {"double": {"extremes": true}}}');
SELECT ok(max(double) > (SELECT max(double) FROM types_drawn), 'with extremes more comes out')
  FROM kiaim.sample(NULL::types, 'extremes', 30000, seed => 1);
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::types, 'extremes', 30000, seed => 1) AS s, (SELECT min(double), max(double) FROM types) AS t
            WHERE s.double < t.min OR s.double > t.max), 0::bigint, 'but nothing beyond the data');

---- heaped, round, on weekdays ----

CREATE TABLE heaped AS
SELECT CASE WHEN pg_temp.unit(i, 'a') < 0.4 THEN 0 ELSE (pg_temp.unit(i, 'b') * pg_temp.unit(i, 'c') * 5000)::int END AS packs,
       CASE WHEN pg_temp.unit(i, 'd') < 0.7 THEN (exp(8 + pg_temp.unit(i, 'e') * 4) / 1000)::int * 1000 ELSE exp(8 + pg_temp.unit(i, 'e') * 4)::int END AS income,
       CASE WHEN pg_temp.unit(i, 'f') < 0.1 THEN make_date(1930 + (pg_temp.unit(i, 'g') * 60)::int, 1, 1)
            WHEN pg_temp.unit(i, 'f') < 0.2 THEN date '1999-12-31' ELSE date '1930-01-01' + (pg_temp.unit(i, 'g') * 22000)::int END AS born,
       date '2010-01-04' + (pg_temp.unit(i, 'h') * 520)::int * 7 + (pg_temp.unit(i, 'j') * 4.4)::int AS seen,
       timestamp '2010-01-01' + CASE WHEN pg_temp.unit(i, 'k') < 0.5 THEN (pg_temp.unit(i, 'l') * 50000)::int * interval '1 hour'
                                     ELSE (pg_temp.unit(i, 'l') * 3000000)::int * interval '1 minute' END AS noted
  FROM generate_series(1, 6000) AS i;
SELECT kiaim.fit('heaped', 'heaped', '{"method": "marginals"}');
CREATE TABLE heaped_drawn AS SELECT * FROM kiaim.sample(NULL::heaped, 'heaped', 6000, seed => 2);
-- the standard error of the difference of two shares of 6,000 rows is at most 0.0091: 3.3 of them once in 1,000 times
SELECT ok(abs(t.share - d.share) < 0.03, format('%s: %s of the data, %s of what is drawn', t.what, round(t.share, 3), round(d.share, 3)))
  FROM (SELECT what, avg(hit::int) AS share FROM heaped, LATERAL (VALUES ('no packs', packs = 0), ('incomes in thousands', income % 1000 = 0),
		('the last day of the century', born = '1999-12-31'), ('a Monday', extract(isodow FROM seen) = 1),
		('a full hour', extract(minute FROM noted) = 0)) AS v (what, hit) GROUP BY what) AS t
  JOIN (SELECT what, avg(hit::int) AS share FROM heaped_drawn, LATERAL (VALUES ('no packs', packs = 0), ('incomes in thousands', income % 1000 = 0),
		('the last day of the century', born = '1999-12-31'), ('a Monday', extract(isodow FROM seen) = 1),
		('a full hour', extract(minute FROM noted) = 0)) AS v (what, hit) GROUP BY what) AS d USING (what);
SELECT is((SELECT count(*) FROM heaped_drawn WHERE extract(isodow FROM seen) > 5), 0::bigint, 'nobody is seen on a Sunday');
SELECT ok((SELECT count(*) FROM heaped_drawn WHERE extract(doy FROM born) = 1) > 400, 'the first of January stays frequent');
SELECT is((SELECT count(*) FROM heaped_drawn WHERE packs < 0), 0::bigint, 'no negative number of packs');

---- few rows, nothing, constants ----

CREATE TABLE few (n int NOT NULL, d date, x numeric);
INSERT INTO few VALUES (4711, '2020-01-17', 3.1415);
SELECT is(split_part(pg_temp.error_of($$SELECT kiaim.fit('few', 'few')$$), ' | ', 2), 'there are fewer persons in public.few than min_leaf', 'one row is nobody''s model');
INSERT INTO few VALUES (4712, '2020-01-18', 3.1416);
SELECT is(split_part(pg_temp.error_of($$SELECT kiaim.fit('few', 'few')$$), ' | ', 2), 'there are fewer persons in public.few than min_leaf', 'nor are two');
INSERT INTO few SELECT 7, '2021-02-28', 1.50 FROM generate_series(1, 10);
SELECT kiaim.fit('few', 'few', '{"method": "marginals"}');
SELECT is((SELECT array_agg(DISTINCT s) FROM kiaim.sample(NULL::few, 'few', 100) AS s)::text, '{"(7,2021-02-28,1.5000)"}', 'ten have what they share');
SELECT kiaim.fit('few', 'few', '{"method": "marginals", "min_leaf": 1, "small_leaves": true}');
SELECT results_eq($$SELECT count(DISTINCT n), count(DISTINCT d), count(DISTINCT x) FROM kiaim.sample(NULL::few, 'few', 500, seed => 1)$$, $$VALUES (3::bigint, 3::bigint, 3::bigint)$$, 'whoever allows leaves of one person gets every value');

CREATE TABLE nulls AS SELECT 42 AS constant, NULL::int AS nothing, CASE WHEN i > 9 THEN i % 50 END AS hardly, CASE WHEN i > 10 THEN i / 7 % 50 END AS enough,
	CASE WHEN i < 10 THEN i END AS nearly FROM generate_series(1, 2000) AS i;
SELECT kiaim.fit('nulls', 'nulls', '{"method": "marginals"}');
SELECT results_eq($$SELECT min(constant), max(constant), count(nothing), count(*) - count(hardly), count(*) > count(enough), count(nearly) FROM kiaim.sample(NULL::nulls, 'nulls', 20000, seed => 3)$$,
	$$VALUES (42, 42, 0::bigint, 0::bigint, true, 0::bigint)$$,
	'constants; always NULL; NULL of nine persons and values of nine never come out, NULL of ten does');

SELECT kiaim.fit('nulls', 'nulls', '{"method": "sequential"}');
SELECT results_eq($$SELECT min(constant), max(constant), count(nothing), count(*) - count(hardly), count(*) > count(enough), count(nearly) FROM kiaim.sample(NULL::nulls, 'nulls', 20000, seed => 3)$$,
	$$VALUES (42, 42, 0::bigint, 0::bigint, true, 0::bigint)$$, 'the same of the method sequential');
SELECT kiaim.fit('nulls', 'nulls', '{"method": "forest"}');
SELECT results_eq($$SELECT min(constant), max(constant), count(nothing), count(*) - count(hardly), count(*) > count(enough), count(nearly) FROM kiaim.sample(NULL::nulls, 'nulls', 20000, seed => 3)$$,
	$$VALUES (42, 42, 0::bigint, 0::bigint, true, 0::bigint)$$, 'the same of the method forest');

---- distances ----

-- who lives was seen on the day of the last check
CREATE TABLE seen AS SELECT d AS diagnosis, CASE WHEN pg_temp.unit(i, 'b') < 0.5 THEN date '2022-12-31' ELSE d + (pg_temp.unit(i, 'c') * (date '2022-12-31' - d))::int END AS last_seen
  FROM (SELECT i, date '2005-01-01' + (pg_temp.unit(i, 'a') * 6000)::int AS d FROM generate_series(1, 3000) AS i) AS s;
SELECT kiaim.fit('seen', 'seen', '{"method": "sequential", "order": ["diagnosis"]}');
SELECT matches((SELECT formula FROM kiaim.model_columns('seen') WHERE column_name = 'last_seen'), 'a distance', 'drawn as a distance');
CREATE TABLE seen_drawn AS SELECT * FROM kiaim.sample(NULL::seen, 'seen', 6000, seed => 1);
SELECT is((SELECT count(*) FROM seen_drawn WHERE last_seen < diagnosis), 0::bigint, 'nobody is last seen before the diagnosis');
SELECT is((SELECT max(last_seen) FROM seen_drawn), '2022-12-31', 'nor after the last check');
SELECT ok(abs((SELECT avg((last_seen = '2022-12-31')::int) FROM seen) - (SELECT avg((last_seen = '2022-12-31')::int) FROM seen_drawn)) < 0.037,
	'as many as in the data are seen on the day of the last check');
SELECT ok((SELECT max(n) FROM (SELECT count(*) AS n FROM seen_drawn WHERE last_seen < '2022-12-31' GROUP BY last_seen) AS s) < 60, 'and no other day is heaped');
SELECT ok(pg_temp.distance('SELECT last_seen - diagnosis FROM seen', 'SELECT last_seen - diagnosis FROM seen_drawn') < 0.0436, 'the time between has its distribution');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::seen, 'seen', 500, 1, '{"last_seen": "[2012-01-01,2013-01-01)"}') WHERE last_seen BETWEEN '2012-01-01' AND '2012-12-31'), 500::bigint,
	'a distance can be given by where it ends');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::seen, 'seen', 500, 1, '{"last_seen": "2022-12-31"}') WHERE last_seen = '2022-12-31'), 500::bigint, 'also on the day of the check');

---- persons, not rows ----

CREATE TABLE visits AS SELECT i / 5 AS person, (pg_temp.unit(i, 'a') * 100000)::int AS cost FROM generate_series(0, 4999) AS i;
INSERT INTO visits SELECT 2000, 999999 FROM generate_series(1, 500);
SELECT kiaim.fit('visits', 'visits', '{"method": "marginals", "person": "person"}');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::visits, 'visits', 5000, seed => 4) WHERE cost > 100000), 0::bigint,
	'a value of 500 rows of one person does not come out');
SELECT kiaim.fit('visits', 'visits', '{"method": "marginals"}');
SELECT ok((SELECT count(*) FROM kiaim.sample(NULL::visits, 'visits', 5000, seed => 4) WHERE cost = 999999) BETWEEN 380 AND 530,
	'were each row a person, it would');

---- keys ----

CREATE TABLE keys (id int PRIMARY KEY, code varchar(20) UNIQUE NOT NULL, small smallint UNIQUE, uid uuid UNIQUE NOT NULL DEFAULT gen_random_uuid(), n int);
INSERT INTO keys (id, code, small, n) SELECT 1000000 + i, 'P-' || i, i, i % 7 FROM generate_series(1, 300) AS i;
SELECT kiaim.fit('keys', 'keys', '{"method": "marginals"}');
SELECT is(array(SELECT concat_ws(' ', id, code, small) FROM kiaim.sample(NULL::keys, 'keys', 3)), '{1 1 1,2 2 2,3 3 3}', 'keys are fresh numbers in their type');
SELECT is((SELECT count(DISTINCT uid) FROM kiaim.sample(NULL::keys, 'keys', 3000)), 3000::bigint, 'uuids are all different');
SELECT is(pg_temp.error_of($$SELECT count(small) FROM kiaim.sample(NULL::keys, 'keys', 40000)$$),
	'22003 | row 32768 has no number of its own in column "small" | Its values are different in every row, and smallint has no more of them. | Draw fewer rows.',
	'a key has an end');

---- wide ----

SELECT string_agg(format('(pg_temp.unit(i, ''w%s'') * %s)::int AS c%s', c, 10 * c, c), ', ') AS list FROM generate_series(1, 300) AS c \gset
CREATE TABLE wide AS SELECT :list FROM generate_series(1, 500) AS i;
SELECT kiaim.fit('wide', 'wide', '{"method": "marginals"}');
SELECT is((SELECT count(*) FROM kiaim.sample(NULL::wide, 'wide', 100, seed => 1) WHERE c1 BETWEEN 0 AND 10 AND c300 BETWEEN 0 AND 3000), 100::bigint, '300 columns');

---- the same again ----

SELECT kiaim.fit('again', 'types', '{"method": "marginals"}');
SELECT is((SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::types, 'again', 500, seed => 9) AS s),
          (SELECT md5(string_agg(s::text, '|')) FROM kiaim.sample(NULL::types, 'types', 500, seed => 9) AS s), 'the same model gives the same rows');

---- values of one person ----

CREATE TABLE markers AS SELECT i AS pid, i % 2 AS sex, CASE WHEN i <= 15 THEN hashint8extended(i, 7) & 1099511627775 END AS marker,
	CASE WHEN i <= 25 THEN hashint8extended(i, 8) & 1099511627775 END AS second, hashint8extended(i, 9) & 1099511627775 AS third FROM generate_series(1, 3000) AS i;
SELECT kiaim.fit('markers', 'markers', '{"seed": 1, "person": "pid"}');
CREATE TABLE markers_made AS SELECT * FROM kiaim.sample(NULL::markers, 'markers', 20000, seed => 1);
SELECT is((SELECT count(*) FROM markers_made AS s JOIN markers AS r USING (marker)), 0::bigint, 'of fifteen values none comes out');
SELECT is((SELECT count(*) FROM markers_made AS s JOIN markers AS r USING (second)), 0::bigint, 'nor of twenty-five');
SELECT is((SELECT count(*) FROM markers_made AS s JOIN markers AS r USING (third)), 0::bigint, 'nor of three thousand');
SELECT cmp_ok((SELECT count(marker) FROM markers_made), '>', 0::bigint, 'although there are such values');

-- twelve persons of whom one has nearly all rows
CREATE TABLE busy AS SELECT CASE WHEN i <= 11 THEN i ELSE 12 END AS pid, CASE WHEN i <= 11 THEN i * 1000 ELSE 900000000 END AS x FROM generate_series(1, 6000) AS i;
SELECT kiaim.fit('busy', 'busy', '{"seed": 1, "person": "pid", "columns": ["x"]}');
SELECT is((SELECT array_agg(DISTINCT x) FROM kiaim.sample(NULL::busy, 'busy', 1000, seed => 1)), '{75005000}', 'the mean of persons, not of rows, on the grid of the data');

SELECT * FROM finish();
ROLLBACK;
