-- Microaggregation: of arrays, and as a recoding.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

---- arrays

SELECT is(kiaim.microaggregate('{1, 2, 3, 10, 11, 12, 30}', 3), '{2, 2, 2, 15.75, 15.75, 15.75, 15.75}', 'means of the best groups');
SELECT is(kiaim.microaggregate('{30, 2, 11, 3, 12, 1, 10}', 3, 'median'), '{11.5, 2, 11.5, 2, 11.5, 2, 11.5}', 'medians, where the numbers were');
SELECT is(kiaim.microaggregate('{5, 5, 1, 9, 9, 9}', 3, 'mode'), '{5, 5, 5, 9, 9, 9}', 'modes');
SELECT is(kiaim.microaggregate('{1, 9}', 2, 'mode'), '{1, 1}', 'of several modes the smallest');
SELECT is(kiaim.microaggregate('{1, 1, 1, 1, 9, 9}', 3), '{1, 1, 1, 6.333333333333333, 6.333333333333333, 6.333333333333333}',
          'equal numbers may be in two groups: one of three ones, and one of a one and two nines');
SELECT is(kiaim.microaggregate('{4, 8}', 1), '{4, 8}', 'groups of one change nothing');
SELECT is(kiaim.microaggregate('{}', 3), '{}', 'nothing of nothing');
SELECT is(kiaim.microaggregate('{1, NULL, 2, NULL}', 2), '{1.5, NULL, 1.5, NULL}', 'NULLs are a group of their own');
SELECT is(kiaim.microaggregate(NULL, 2), NULL, 'NULL of NULL');
SELECT is(kiaim.microaggregate('{1e300, 1.1e300, -1e300, -1.2e300}', 2) IS NOT NULL, true, 'numbers of any size');
SELECT is(kiaim.microaggregate(ARRAY[1e15 + 1, 1e15 + 2, 1e15 + 3, 1e15 + 14, 1e15 + 15, 1e15 + 16], 3),
          ARRAY[1e15 + 2, 1e15 + 2, 1e15 + 2, 1e15 + 15, 1e15 + 15, 1e15 + 15]::float8[], 'small differences of large numbers');

SELECT is((SELECT count(DISTINCT g) FROM unnest(kiaim.microaggregation_groups('{{0, 0}, {0, 1}, {1, 0}, {9, 9}, {9, 8}, {8, 9}}', 3)) AS g),
          2::bigint, 'two clouds are two groups');
SELECT is((SELECT count(DISTINCT g) FROM unnest(kiaim.microaggregation_groups('{{0, 0}, {9, 9}, {0, 1}, {9, 8}, {1, 0}, {8, 9}}', 3))
           WITH ORDINALITY AS u (g, i) WHERE mod(i, 2) = 1), 1::bigint, 'the points of a cloud are together');
SELECT is((SELECT array_agg(g = first OR g IS NULL AND first IS NULL ORDER BY i) FROM (SELECT g, i, first_value(g) OVER (ORDER BY i) AS first
           FROM unnest(kiaim.microaggregation_groups('{1, NULL, 2, 30, 31, NULL}', 2)) WITH ORDINALITY AS u (g, i)) AS s),
          '{t, NULL, t, f, f, NULL}', 'one column: the best groups, and none of NULL');
SELECT is(kiaim.microaggregation_groups('{{1, 2}, {3, 4}}', 2), kiaim.microaggregation_groups('{{1000, 2}, {3000, 4}}', 2), 'the scale makes no difference');

SELECT is(kiaim.microaggregation_loss('{1, 2, 3}', '{1, 2, 3}'), 0::float8, 'nothing changed is no loss');
SELECT is(kiaim.microaggregation_loss('{1, 2, 3}', '{2, 2, 2}'), 100::float8, 'the mean alone is all of it');
SELECT is(round(kiaim.microaggregation_loss('{1, 2, 3, 4}', '{1.5, 1.5, 3.5, 3.5}')::numeric, 6), 20.000000, '100 SSE / SST by hand: 1 of 5');
SELECT is(kiaim.microaggregation_loss('{{1, 1}, {2, 3}}', '{{1.5, 1}, {1.5, 3}}'), 50::float8, 'the mean of the columns');
SELECT is(kiaim.microaggregation_loss('{4, 4}', '{4, 4}'), NULL, 'no loss where nothing varies');

-- every way to divide sorted numbers into groups of at least k, compared in plain SQL
CREATE FUNCTION pg_temp.least(numbers float8[], k int) RETURNS float8 LANGUAGE sql AS $$
  WITH RECURSIVE sorted AS (SELECT array_agg(v ORDER BY v) AS a FROM unnest(numbers) AS v),
  ways AS (
    SELECT 0 AS done, 0::float8 AS squares
    UNION ALL
    SELECT e, w.squares + (SELECT sum((v - m) ^ 2) FROM unnest(a[w.done + 1:e]) AS v, (SELECT avg(x) AS m FROM unnest(a[w.done + 1:e]) AS x) AS mean)
    FROM ways AS w, sorted, generate_series(w.done + k, cardinality(a)) AS e)
  SELECT min(squares) FROM ways WHERE done = cardinality(numbers)
$$;
CREATE TEMP TABLE random_numbers AS
SELECT t, 2 + mod(t, 3) AS k, array_agg(mod(hashint8(t * 100 + i) & 65535, CASE WHEN mod(t, 2) = 0 THEN 6 ELSE 1000 END)::float8) AS v
FROM generate_series(1, 60) AS t, generate_series(1, 13) AS i WHERE i <= 4 + mod(t, 10) GROUP BY t;
SELECT is((SELECT count(*) FROM random_numbers
           WHERE abs((SELECT sum((x - y) ^ 2) FROM unnest(v, kiaim.microaggregate(v, k)) AS u (x, y)) - pg_temp.least(v, k)) > 1e-6), 0::bigint,
          'no way to group has smaller squares');
SELECT is((SELECT min(n) >= 0 FROM (SELECT count(*) - k AS n FROM random_numbers, unnest(kiaim.microaggregation_groups(v, k)) AS g GROUP BY t, k, g) AS c), true,
          'every group has k');
SELECT is((SELECT bool_and(n BETWEEN 4 AND 7) FROM (SELECT g, count(*) AS n FROM unnest(kiaim.microaggregation_groups(
            (SELECT array_agg(ARRAY[hashint4(i)::float8, hashint4(i + 7000), mod(i, 10)]) FROM generate_series(1, 997) AS i), 4)) AS g GROUP BY g) AS c), true,
          'groups of MDAV have k to 2 k - 1');
SELECT is((SELECT bool_and(n BETWEEN 5 AND 9) FROM (SELECT g, count(*) AS n FROM unnest(kiaim.microaggregation_groups(
            (SELECT array_agg(ARRAY[hashint4(i)::float8, hashint4(i + 70000)]) FROM generate_series(1, 50001) AS i), 5)) AS g GROUP BY g) AS c), true,
          'also where many points are divided into blocks');

SELECT throws_ok($$SELECT kiaim.microaggregate('{1, 2}', 3)$$, '22023', '2 rows cannot be in groups of at least 3', 'too few');
SELECT throws_ok($$SELECT kiaim.microaggregate('{1, 2}', 0)$$, '22023', 'k must be at least 1, not 0', 'k of nothing');
SELECT throws_ok($$SELECT kiaim.microaggregate('{1, 2, NULL}', 2)$$, '22023', '1 rows with NULL cannot be in groups of at least 2', 'too few NULLs');
SELECT throws_ok($$SELECT kiaim.microaggregate('{1, NaN}', 2)$$, '22023', 'NaN has no distance to other numbers', 'NaN');
SELECT throws_ok($$SELECT kiaim.microaggregate('{1, 2}', 2, 'max')$$, '22023', 'aggregate "max" does not exist', 'an unknown aggregate');
SELECT throws_ok($$SELECT kiaim.microaggregate('{{1}, {2}}', 2)$$, '2202E', NULL, 'one number a row');
SELECT throws_ok($$SELECT kiaim.microaggregation_groups('{{{1}}, {{2}}}', 2)$$, '2202E', NULL, 'no more than two dimensions');
SELECT throws_ok($$SELECT kiaim.microaggregation_loss('{1, 2}', '{1}')$$, '2202E', 'original and released numbers are not as many', 'as many');

---- the recoding

CREATE TABLE public.cases AS
SELECT i, CASE mod(i, 2) WHEN 0 THEN 'f' ELSE 'm' END AS sex, (20 + mod(hashint4(i) & 65535, 60))::int AS age,
       round((mod(hashint4(i + 300) & 65535, 1000) / 8.0)::numeric, 2) AS dose, date '2020-01-01' + mod(hashint4(i + 600) & 65535, 700) AS seen,
       timestamp '2020-01-01 12:00' + mod(hashint4(i + 900) & 65535, 700) * interval '1 hour' AS at
FROM generate_series(1, 200) AS i;
CREATE FUNCTION pg_temp.released(source regclass, policy jsonb) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE
  query text := (SELECT p.query FROM kiaim.plan(source, policy) AS p);
BEGIN
  RETURN QUERY EXECUTE format('SELECT to_jsonb(q) FROM (%s) AS q', query);
END $$;

CREATE TEMP TABLE one AS SELECT pg_temp.released('cases', '{"quasi": {"age": "flat"}, "keep": ["dose"], "k": 7, "recoding": "microaggregation"}') AS r;
SELECT is((SELECT count(*) FROM one), 200::bigint, 'no row is left out');
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM one GROUP BY r -> 'age') AS c), '>=', 7::bigint, 'k holds');
SELECT cmp_ok((SELECT abs(avg((r ->> 'age')::numeric) - (SELECT avg(age) FROM cases)) FROM one), '<', 0.5, 'the mean of the column stays, but for rounding');

-- the best groups of distinct ages, by all ways to divide them
CREATE TABLE public.few AS SELECT (mod(hashint4(i) & 65535, 9) ^ 2)::float8 AS x FROM generate_series(1, 40) AS i;
SELECT is((SELECT round(loss::numeric, 9) FROM kiaim.plan('few', '{"quasi": {"x": "flat"}, "k": 6, "recoding": "microaggregation"}')),
  (WITH RECURSIVE d AS (SELECT x, count(*) AS n, row_number() OVER (ORDER BY x) AS i FROM few GROUP BY x),
   ways AS (SELECT 0::bigint AS done, 0::float8 AS squares
            UNION ALL
            SELECT e.i, w.squares + (SELECT sum(n * x * x) - sum(n * x) ^ 2 / sum(n) FROM d WHERE d.i > w.done AND d.i <= e.i)
            FROM ways AS w JOIN d AS e ON e.i > w.done AND (SELECT sum(n) FROM d WHERE d.i > w.done AND d.i <= e.i) >= 6)
   SELECT round((min(squares) / (SELECT var_pop(x) * count(*) FROM few))::numeric, 9) FROM ways WHERE done = (SELECT max(i) FROM d)),
  'the loss of one column is the least that tuples allow');
SELECT ok((SELECT optimal FROM kiaim.plan('few', '{"quasi": {"x": "flat"}, "k": 6, "recoding": "microaggregation"}')), 'and is proven');

CREATE TEMP TABLE many AS SELECT pg_temp.released('cases',
  '{"quasi": {"age": "flat", "dose": "flat", "seen": "flat", "at": "flat"}, "k": 5, "recoding": {"method": "microaggregation", "aggregate": "median"}}') AS r;
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM many GROUP BY r) AS c), '>=', 5::bigint, 'k holds over several columns');
SELECT cmp_ok((SELECT count(DISTINCT r) FROM many), '>=', 22::bigint, 'with as many groups as can be expected');
SELECT is((SELECT count(*) FROM many WHERE (r ->> 'dose') !~ '^\d+\.\d\d$'), 0::bigint, 'numeric keeps its scale');

CREATE TEMP TABLE mixed AS SELECT pg_temp.released('cases',
  '{"quasi": {"sex": "flat", "age": "flat", "seen": {"hierarchy": "calendar(year)", "min": 1}}, "k": 4, "suppression": 0.02, "recoding": {"method": "microaggregation", "columns": ["age"], "group": 6, "aggregate": "mode"}}') AS r;
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM mixed GROUP BY r) AS c), '>=', 6::bigint, 'groups within the classes of other columns');
SELECT is((SELECT array_agg(DISTINCT r ->> 'seen' ORDER BY r ->> 'seen') FROM mixed), '{2020,2021}', 'which are on their lowest levels');
SELECT is((SELECT count(*) FROM mixed AS x WHERE NOT EXISTS (SELECT FROM cases AS c WHERE c.age = (x.r ->> 'age')::int AND c.sex = x.r ->> 'sex')),
          0::bigint, 'a mode is a value that was there');

-- medians and modes of groups within classes, by the server's own
SELECT results_eq(format($$SELECT r ->> 'sex', (r ->> 'age')::numeric FROM pg_temp.released('cases', '{"quasi": {"sex": "flat", "age": "flat"}, "k": 100, "recoding": {"method": "microaggregation", "columns": ["age"], "aggregate": "%s"}}') AS r
                           GROUP BY 1, 2 ORDER BY 1$$, kind),
                  format($$SELECT sex, round((%s)::numeric) FROM cases GROUP BY sex ORDER BY sex$$, computed), kind || ' as the server computes it')
FROM (VALUES ('mean', 'avg(age)'), ('median', 'percentile_cont(0.5) WITHIN GROUP (ORDER BY age)'), ('mode', 'mode() WITHIN GROUP (ORDER BY age)')) AS v (kind, computed);
CREATE TABLE public.halves AS SELECT unnest('{1, 1, 2, 4}'::int[]) AS x;
SELECT is((SELECT string_agg(DISTINCT r ->> 'x', ' ') FROM pg_temp.released('halves', '{"quasi": {"x": "flat"}, "k": 4, "recoding": {"method": "microaggregation", "aggregate": "median"}}') AS r),
          '2', 'a median between two whole numbers is rounded away from zero');

-- NULL
CREATE TABLE public.gaps AS SELECT CASE WHEN mod(i, 10) > 0 THEN i END AS x, mod(i, 2) AS y FROM generate_series(1, 60) AS i;
SELECT results_eq($$SELECT count(*) FROM pg_temp.released('gaps', '{"quasi": {"x": "flat"}, "k": 6, "recoding": "microaggregation"}') AS r WHERE r -> 'x' = 'null'$$,
                  $$VALUES (6::bigint)$$, 'NULL stays NULL where k share it');
SELECT throws_ok($$SELECT kiaim.plan('gaps', '{"quasi": {"x": "flat"}, "k": 7, "recoding": "microaggregation"}')$$, 'P0002',
                 'no microaggregation satisfies the policy', 'and is refused where they do not');
SELECT is((SELECT suppressed FROM kiaim.plan('gaps', '{"quasi": {"x": "flat"}, "k": 7, "suppression": 0.1, "recoding": "microaggregation"}')), 6::bigint,
          'unless the rows may be suppressed');

-- releases
SELECT lives_ok($$SELECT kiaim.create_release('public.micro', 'cases', '{"quasi": {"age": "flat", "seen": "flat", "dose": "flat", "at": "flat"}, "keep": ["sex"], "k": 5, "recoding": "microaggregation"}', 'table')$$,
                'a release');
SELECT is((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
           WHERE attrelid = 'public.micro'::regclass AND attnum > 0), 'sex text, age integer, dose numeric, seen date, at timestamp without time zone',
          'columns keep their types');
SELECT cmp_ok((SELECT kiaim.k_anonymity(age, dose, seen, at) FROM public.micro), '>=', 5::bigint, 'k of the stored release');
SELECT is((SELECT levels FROM kiaim.plan('cases', '{"quasi": {"age": "flat", "dose": "flat"}, "k": 5, "recoding": "microaggregation"}')),
          (SELECT levels FROM kiaim.plan('cases', '{"quasi": {"age": "flat", "dose": "flat"}, "k": 5, "recoding": "microaggregation"}')),
          'the same data give the same recoding');
SELECT is((SELECT min(r ->> 'seen') || ' ' || max(r ->> 'seen') FROM pg_temp.released('cases', '{"quasi": {"seen": "flat"}, "k": 200, "recoding": "microaggregation"}') AS r),
          (SELECT v || ' ' || v FROM (SELECT to_char(date '2000-01-01' + round(avg(seen - date '2000-01-01'))::int, 'YYYY-MM-DD') AS v FROM cases) AS m),
          'the mean of dates is a date');
CREATE TABLE public.big AS SELECT x FROM unnest('{9007199254740993, 9007199254740997}'::bigint[]) AS x;
SELECT is((SELECT DISTINCT (r ->> 'x')::bigint FROM pg_temp.released('big', '{"quasi": {"x": "flat"}, "k": 2, "recoding": "microaggregation"}') AS r),
          9007199254740995, 'large whole numbers are exact');

-- errors
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"sex": "flat"}, "k": 2, "recoding": "microaggregation"}')$$, '42804',
                 'column "sex" cannot be microaggregated', 'no number');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": {"hierarchy": "bins(5)", "min": 1}}, "k": 2, "recoding": "microaggregation"}')$$, '22023',
                 'column "age" is microaggregated and has a "min"', 'a lowest level');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": "flat"}, "k": 5, "recoding": {"method": "microaggregation", "group": 3}}')$$, '22023',
                 'groups of 3 records cannot satisfy k = 5', 'a group smaller than k');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": "flat"}, "k": 5, "recoding": {"method": "microaggregation", "columns": ["sex"]}}')$$, '22023',
                 'policy member recoding.columns names column "sex", which is no quasi-identifier', 'a column of another role');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": "flat"}, "k": 5, "recoding": {"method": "microaggregation", "columns": []}}')$$, '22023',
                 'policy member recoding.columns names no column', 'no column');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": "flat"}, "k": 201, "recoding": "microaggregation"}')$$, 'P0002',
                 'no microaggregation satisfies the policy', 'k beyond the table');
CREATE TABLE public.endless AS SELECT unnest('{2020-01-01, infinity}'::date[]) AS d;
SELECT throws_ok($$SELECT kiaim.plan('endless', '{"quasi": {"d": "flat"}, "k": 2, "recoding": "microaggregation"}')$$, '22023',
                 'column "d" cannot be microaggregated', 'infinity is at no distance');
SELECT throws_ok($$SELECT kiaim.plan('cases', '{"quasi": {"age": "flat"}, "sensitive": {"sex": {"l": 2}}, "k": 2, "recoding": "microaggregation"}')$$, '0A000',
                 'recoding "microaggregation" does not work with requirement "l of sex"', 'k only');

SELECT * FROM finish();
ROLLBACK;
