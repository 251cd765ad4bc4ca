-- kiaim.frontier against all releases in plain SQL: every node of the lattice,
-- every k, every class judged by definition, and of the releases those that no
-- other is as good as. Random small tables and random policies.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

SELECT has_function('kiaim', 'frontier', '{regclass,jsonb,integer[],interval}'::text[], 'there is a frontier');

-- The columns of the policy, in the order of the relation; bins(8) and the top change nothing where all numbers are below 4.
CREATE TABLE patient (c text, person int, s text, a text, b int, id int);
CREATE TABLE quasi (j int, name text, hierarchy text, height int);
INSERT INTO quasi VALUES (1, 'c', 'prefix(2, 1)', 3), (2, 'a', 'flat', 1), (3, 'b', 'bins(2, 4, 8)', 4);

-- Every row with its label on every level of every column, and what that label costs.
CREATE TABLE label (id int, j int, level int, label text, cost float8);
CREATE FUNCTION fill_labels() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	q quasi;
BEGIN
	TRUNCATE label;
	FOR q IN SELECT * FROM quasi LOOP
		EXECUTE format($q$
			WITH l AS (
				SELECT id, level, kiaim.generalize(%1$I, %2$L, level) AS label, kiaim.generalize(%1$I, %2$L, 0) AS leaf
				FROM patient, generate_series(0, %3$s) AS level
			)
			INSERT INTO label
			SELECT id, %4$s, level, l.label, CASE WHEN l.label = '*' THEN 1 WHEN level = 0 OR l.label IS NULL THEN 0
				ELSE (leaves - 1)::float8 / greatest((SELECT count(DISTINCT coalesce(leaf, 'NULL')) FROM l) - 1, 1) END
			FROM l JOIN (SELECT level, label, count(DISTINCT coalesce(leaf, 'NULL')) AS leaves FROM l GROUP BY level, label) AS u USING (level)
			WHERE u.label IS NOT DISTINCT FROM l.label
		$q$, q.name, q.hierarchy, q.height, q.j);
	END LOOP;
END $$;

CREATE FUNCTION release(policy jsonb, wanted int)
RETURNS TABLE (vector int[], loss numeric, suppressed bigint, k bigint, classes bigint)
LANGUAGE sql AS $$
WITH node AS (
	SELECT ARRAY[c, a, b] AS vector FROM generate_series(0, 3) AS c, generate_series(0, 1) AS a,
		generate_series(0, coalesce((policy #>> '{quasi,b,max}')::int, 4)) AS b
), tuple AS (
	SELECT vector, l.id, array_agg(label ORDER BY j) AS key, array_agg(cost ORDER BY j) AS costs
	FROM node JOIN label AS l ON level = vector[j] GROUP BY vector, l.id
), class AS (
	SELECT vector, key, count(*) AS records, count(DISTINCT s) + bool_or(s IS NULL)::int AS l,
		CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS size
	FROM tuple JOIN patient USING (id) GROUP BY vector, key
), verdict AS (
	SELECT *, size >= wanted AND l >= coalesce((policy #>> '{sensitive,s,l}')::int, 1) AS holds FROM class
), judged AS (
	SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0)::bigint AS suppressed,
		min(size) FILTER (WHERE holds) AS k, count(*) FILTER (WHERE holds) AS classes
	FROM verdict GROUP BY vector
), column_loss AS (
	SELECT vector, j, coalesce((policy #>> ARRAY['quasi', name, 'weight'])::float8, 1) AS weight,
		sum(CASE WHEN holds THEN costs[j] ELSE 1 END) / count(*) AS loss
	FROM tuple JOIN verdict USING (vector, key) CROSS JOIN quasi GROUP BY vector, j, name
)
SELECT vector, round((sum(weight * loss) / sum(weight))::numeric, 12), suppressed, k, classes
FROM column_loss JOIN judged USING (vector)
WHERE suppressed <= floor((policy ->> 'suppression')::numeric * (SELECT count(*) FROM patient))
GROUP BY vector, suppressed, k, classes
$$;

-- The releases that no other is as good as; of equal ones the first by sum of levels, levels, k required. None released is worse than any k.
CREATE FUNCTION expected_frontier(policy jsonb, wanted int[])
RETURNS TABLE (levels jsonb, loss numeric, suppressed bigint, k bigint, classes bigint)
LANGUAGE sql AS $$
WITH all_releases AS (
	SELECT w, r.* FROM unnest(wanted) AS w, release(policy, w) AS r
), numbered AS (
	SELECT *, row_number() OVER (ORDER BY (SELECT sum(level) FROM unnest(vector) AS level), vector, w) AS place FROM all_releases
)
SELECT jsonb_build_object('c', vector[1], 'a', vector[2], 'b', vector[3]), loss, suppressed, k, classes
FROM numbered AS n
WHERE NOT EXISTS (
	SELECT FROM numbered AS o
	WHERE o.loss <= n.loss AND o.suppressed <= n.suppressed AND coalesce(o.k, 0) >= coalesce(n.k, 0)
		AND (o.loss < n.loss OR o.suppressed < n.suppressed OR coalesce(o.k, 0) > coalesce(n.k, 0) OR o.place < n.place))
$$;

CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- What differs between the frontier and what is expected, and points whose query does not release what they say.
CREATE FUNCTION differences(rounds int, seed float8) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	wanted int[];
	missing record;
	point record;
	rows_released bigint;
	classes_released bigint;
	points bigint := 0;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 3 = 1 THEN
			TRUNCATE patient;
			INSERT INTO patient SELECT pick('aaa', 'aab', 'abb', 'b', 'bcd', NULL), ceil(random() * 25)::int, pick('x', 'y', 'z', NULL),
				pick('m', 'f', 'f'), floor(random() * 4)::int, i FROM generate_series(1, 10 + floor(random() * 40)::int) AS i;
			PERFORM fill_labels();
		END IF;
		policy := jsonb_build_object('k', pick('1', '2', '3', '5')::int, 'suppression', pick('0', '0.1', '0.3', '1')::numeric,
			'quasi', jsonb_build_object('a', 'flat', 'c', jsonb_build_object('hierarchy', 'prefix(2, 1)', 'weight', pick('1', '2', '0.3')::numeric),
				'b', jsonb_build_object('hierarchy', 'bins(2, 4, 8)', 'max', pick('1', '3', '4')::int)));
		IF random() < 0.3 THEN
			policy := policy || '{"person": "person"}';
		END IF;
		IF random() < 0.3 THEN
			policy := policy || '{"sensitive": {"s": {"l": 2}}}';
		END IF;
		wanted := CASE WHEN random() < 0.6 THEN pick('{2,3,5,9}', '{7,1,7}', '{4}', '{1,2,3,4,5,6,7,8}')::int[] END;
		IF random() < 0.5 AND (wanted IS NOT NULL OR policy ? 'sensitive') THEN
			policy := policy - 'k';
		END IF;
		CREATE TEMP TABLE found ON COMMIT DROP AS SELECT * FROM expected_frontier(policy, '{}') LIMIT 0;
		ALTER TABLE found ADD query text;
		BEGIN
			INSERT INTO found SELECT levels, round(loss::numeric, 12), suppressed, f.k, classes, query
			FROM kiaim.frontier('patient', policy, wanted) AS f
			WHERE f.exact AND f.highest_risk IS NOT DISTINCT FROM 1.0::float8 / f.k;
		EXCEPTION WHEN no_data_found THEN
			NULL;
		END;
		FOR missing IN SELECT * FROM (
			(SELECT 'missing' AS what, * FROM expected_frontier(policy, coalesce(wanted, ARRAY[coalesce((policy ->> 'k')::int, 1)])) EXCEPT ALL SELECT 'missing', levels, loss, suppressed, k, classes FROM found)
			UNION ALL
			(SELECT 'too much', levels, loss, suppressed, k, classes FROM found EXCEPT ALL SELECT 'too much', * FROM expected_frontier(policy, coalesce(wanted, ARRAY[coalesce((policy ->> 'k')::int, 1)])))) AS d
		LOOP
			RETURN NEXT format('round %s: %s, k %s: %s', round, policy, wanted, missing);
		END LOOP;
		FOR point IN SELECT * FROM found ORDER BY random() LIMIT 3 LOOP
			EXECUTE format('SELECT count(*), count(DISTINCT (a, b, c)) FROM (%s) AS r', point.query) INTO rows_released, classes_released;
			IF (rows_released, classes_released) IS DISTINCT FROM ((SELECT count(*) FROM patient) - point.suppressed, point.classes) THEN
				RETURN NEXT format('round %s: %s rows in %s classes released, planned was %s', round, rows_released, classes_released, point);
			END IF;
		END LOOP;
		points := points + (SELECT count(*) FROM found);
		DROP TABLE found;
	END LOOP;
	IF points < 2 * rounds THEN
		RETURN NEXT format('only %s points in %s rounds', points, rounds);
	END IF;
END $$;

SELECT is_empty('SELECT * FROM differences(120, 0.5)', '120 random policies on random tables: the frontier is that of all releases');

-- Too large to be walked: nothing better than what an exact walk finds, each point as good as it says, and the same again.
CREATE TABLE wide AS SELECT i % 2 AS a, i * 7919 % 97 AS b, i * 104729 % 53 AS c, i * 12553 % 31 AS d, i * 17389 % 101 AS e, i * 31 % 17 AS f, i * 7 % 13 AS g
FROM generate_series(1, 2000) AS i;
CREATE FUNCTION wide_policy(most int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('k', 4, 'suppression', 0.05, 'quasi', jsonb_object_agg(q, jsonb_build_object('hierarchy', 'bins(2, 4, 8, 16, 32, 64)', 'min', 7 - most)))
	FROM unnest('{a,b,c,d,e,f,g}'::text[]) AS q $$;
CREATE TABLE explored AS SELECT * FROM kiaim.frontier('wide', wide_policy(7), '{2,4,8}');
SELECT ok(bool_and(NOT exact) AND count(*) > 5, 'a lattice too large is explored') FROM explored;
SELECT set_eq('SELECT levels, suppressed, k FROM kiaim.frontier(''wide'', wide_policy(7), ''{2,4,8}'')', 'SELECT levels, suppressed, k FROM explored', 'twice the same');
SELECT is_empty('SELECT FROM explored AS x JOIN explored AS y ON x.loss <= y.loss AND x.suppressed <= y.suppressed AND x.k >= y.k AND x.levels <> y.levels',
	'no point is as good as another');
SELECT is_empty($$ SELECT FROM explored AS x, kiaim.plan('wide', wide_policy(7) || jsonb_build_object('k', 2)) AS p WHERE x.loss < p.loss - 1e-12 AND p.optimal $$,
	'nothing explored is better than the proven optimum');
SELECT ok((SELECT min(loss) FROM explored) <= p.loss * 1.0001, 'the best is the plan''s')
FROM kiaim.plan('wide', wide_policy(7) || jsonb_build_object('k', 2)) AS p;
SELECT ok(count(*) >= 1, 'without time there is a point still') FROM kiaim.frontier('wide', wide_policy(7), time_limit => '1 microsecond');
SELECT ok(bool_and(NOT exact), 'and it is not exact') FROM kiaim.frontier('wide', wide_policy(3), time_limit => '1 microsecond');

-- Mistakes.
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}}', '{}') $$, '22023', 'k must be a list of 1 to 1000 numbers', 'no k');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}}', '{{1,2}}') $$, '22023', 'k must be a list of 1 to 1000 numbers', 'a matrix');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}}', '{2,0}') $$, '22023', 'k must be at least 1, not 0', 'k of 0');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}}', '{2,NULL}') $$, '22004', 'k must not contain nulls', 'k of null');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', NULL) $$, '22004', 'source and policy must not be null', 'no policy');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}}', time_limit => '0 s') $$, '22023', 'time_limit must be positive', 'no time');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": "flat"}, "k": 3, "recoding": "local"}') $$, '0A000', 'recoding "local" has no frontier', 'another recoding');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"a": {"hierarchy": "flat", "max": 0}}, "differential_privacy": {"epsilon": 1, "delta": 1e-6}}') $$,
	'0A000', 'a policy with "differential_privacy" has no frontier', 'a budget');
SELECT throws_ok($$ SELECT * FROM kiaim.frontier('wide', '{"quasi": {"b": {"hierarchy": "flat", "max": 0}}, "k": 1000}') $$,
	'P0002', 'no generalization satisfies the policy', 'nothing satisfies it');

SELECT * FROM finish();
ROLLBACK;
