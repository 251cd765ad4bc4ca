-- kiaim.plan in lattices too large to be listed node by node, where it searches
-- by boxes: the same as the whole lattice in plain SQL, and as kiaim.frontier,
-- which evaluates every node; and what it says when it is stopped is true.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- Five columns of six levels: 7,776 nodes.
CREATE TABLE point (id int, a int, b int, c int, d int, e int);
CREATE TABLE label (id int, j int, level int, label int, cost float8);
CREATE FUNCTION fill_point(records int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE point, label;
	INSERT INTO point SELECT i, (random() * 31)::int, floor(32 * random() ^ 2), floor(32 * random() ^ 3), (random() * 31)::int, floor(32 * random() ^ 4)
	FROM generate_series(1, records) AS i;
	INSERT INTO label
	WITH v AS (
		SELECT id, j, level, x, CASE level WHEN 5 THEN 0 ELSE x / (1 << level) END AS label
		FROM point, unnest(ARRAY[a, b, c, d, e]) WITH ORDINALITY AS u (x, j), generate_series(0, 5) AS level
	), leaves AS (
		SELECT j, level, label, count(DISTINCT x) AS n FROM v GROUP BY j, level, label
	)
	SELECT id, j, level, label, CASE level WHEN 5 THEN 1 ELSE (n - 1)::float8 / ((SELECT n FROM leaves AS l WHERE l.j = v.j AND l.level = 5) - 1) END
	FROM v JOIN leaves USING (j, level, label);
END $$;

CREATE FUNCTION policy(k int, suppression numeric, aggregate text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('k', k, 'suppression', suppression, 'aggregate', aggregate, 'quasi', jsonb_object_agg(q, jsonb_build_object('hierarchy', 'bins(2, 4, 8, 16)', 'weight', w)))
	FROM (VALUES ('a', 1), ('b', 2), ('c', 1), ('d', 0.3), ('e', 1)) AS v (q, w) $$;

-- Every feasible node.
CREATE FUNCTION oracle(policy jsonb) RETURNS TABLE (levels jsonb, loss numeric, suppressed bigint, k bigint, classes bigint)
LANGUAGE sql AS $$
WITH tuple AS MATERIALIZED (
	SELECT ARRAY[a.level, b.level, c.level, d.level, e.level] AS vector, ARRAY[a.label, b.label, c.label, d.label, e.label] AS key,
		count(*) AS n, ARRAY[sum(a.cost), sum(b.cost), sum(c.cost), sum(d.cost), sum(e.cost)] AS costs
	FROM label AS a JOIN label AS b USING (id) JOIN label AS c USING (id) JOIN label AS d USING (id) JOIN label AS e USING (id)
	WHERE (a.j, b.j, c.j, d.j, e.j) = (1, 2, 3, 4, 5)
	GROUP BY 1, 2
), node AS (
	SELECT vector, coalesce(sum(n) FILTER (WHERE NOT holds), 0) AS suppressed, min(n) FILTER (WHERE holds) AS k, count(*) FILTER (WHERE holds) AS classes,
		ARRAY(SELECT sum(0)) AS nothing
	FROM tuple, LATERAL (SELECT n >= (policy ->> 'k')::int AS holds) AS v GROUP BY vector
), share AS (
	SELECT vector, j, w, sum(CASE WHEN n >= (policy ->> 'k')::int THEN costs[j] ELSE n END) / sum(n)::float8 AS x
	FROM tuple CROSS JOIN (VALUES (1, 1::float8), (2, 2), (3, 1), (4, 0.3), (5, 1)) AS v (j, w) GROUP BY vector, j, w
), score AS (
	SELECT vector, CASE policy ->> 'aggregate' WHEN 'geometric' THEN exp(sum(w * ln(1 + x)) / sum(w)) - 1
		WHEN 'maximum' THEN max(w * x) WHEN 'sum' THEN sum(w * x) ELSE sum(w * x) / sum(w) END AS loss
	FROM share GROUP BY vector
)
SELECT jsonb_build_object('a', vector[1], 'b', vector[2], 'c', vector[3], 'd', vector[4], 'e', vector[5]), round(loss::numeric, 10), suppressed::bigint, k, classes
FROM node JOIN score USING (vector)
WHERE suppressed <= floor((policy ->> 'suppression')::numeric * (SELECT count(*) FROM point))
$$;

SELECT setseed(0.5);
SELECT fill_point(40);
CREATE FUNCTION differ(policy jsonb) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	listed bigint;
BEGIN
	CREATE TEMP TABLE expected ON COMMIT DROP AS SELECT * FROM oracle(policy);
	CREATE TEMP TABLE planned ON COMMIT DROP AS SELECT * FROM kiaim.plan('point', policy, solutions => 10000);
	SELECT count(*) INTO listed FROM planned WHERE optimal AND gap = 0;
	IF listed <> (SELECT count(*) FROM expected) OR listed < 500 THEN
		RETURN NEXT format('%s of %s feasible nodes listed', listed, (SELECT count(*) FROM expected));
	END IF;
	RETURN QUERY SELECT format('not expected: %s', p) FROM planned AS p LEFT JOIN expected AS e USING (levels)
		WHERE (e.suppressed, e.k, e.classes) IS DISTINCT FROM (p.suppressed, p.k, p.classes) OR NOT coalesce(abs(e.loss - p.loss::numeric) < 1e-9, false) LIMIT 3;
	RETURN QUERY SELECT format('out of order: %s', rank) FROM (SELECT rank, loss, lag(loss) OVER (ORDER BY rank) AS before FROM planned) AS p WHERE before > loss + 1e-9 LIMIT 3;
	DROP TABLE expected, planned;
END $$;
SELECT is_empty('SELECT * FROM differ(policy(3, 0.8, ''arithmetic''))', 'all feasible nodes in order');
SELECT is_empty('SELECT * FROM differ(policy(2, 1, ''geometric''))', 'the same by the geometric mean');
SELECT is_empty('SELECT * FROM differ(policy(4, 0.9, ''maximum''))', 'the same by the maximum, which no prices add up to');

-- Six columns of up to seven levels, 100,842 nodes of which no more than 100,000 differ: the best of them all.
CREATE FUNCTION wide_policy(k int, suppression numeric, rest jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT rest || jsonb_build_object('k', k, 'suppression', suppression, 'quasi', jsonb_object_agg(q, jsonb_build_object('hierarchy', h, 'weight', w)))
	FROM (VALUES ('a', 1, 'bins(2, 4, 8, 16, 32)'), ('b', 1, 'bins(2, 4, 8, 16, 32)'), ('c', 0.5, 'bins(3, 6, 12, 24)'), ('d', 1, 'bins(5, 10, 20)'), ('e', 1.3, 'bins(2, 4, 8, 16, 32)'), ('f', 1, 'bins(2, 4, 8)')) AS v (q, w, h) $$;
CREATE TABLE wide (a int, b int, c int, d int, e int, f int, s text, person int);
CREATE FUNCTION not_best(rounds int) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	best record;
	planned record;
	stopped record;
	boxes bigint := 0;
BEGIN
	FOR round IN 1 .. rounds LOOP
		TRUNCATE wide;
		INSERT INTO wide SELECT floor(64 * random() ^ (1 + round % 3)), floor(64 * random()), i * 7 % (48 - round), floor(40 * random() ^ 2), i % 61, (i + floor(random() * 3)::int) % 16, chr(97 + i % 3), i / 2
		FROM generate_series(1, 150 + 20 * round) AS i;
		policy := wide_policy(2 + round, (ARRAY[0, 0.02, 0.1, 0.3])[1 + round % 4], CASE round % 3 WHEN 0 THEN '{"aggregate": "geometric"}'
			WHEN 1 THEN '{"person": "person", "sensitive": {"s": {"l": 2}}}' ELSE '{}' END::jsonb);
		SELECT f.loss, f.suppressed, f.exact INTO best FROM kiaim.frontier('wide', policy) AS f ORDER BY f.loss, f.suppressed LIMIT 1;
		SELECT * INTO planned FROM kiaim.plan('wide', policy);
		IF NOT best.exact OR NOT planned.optimal OR abs(best.loss - planned.loss) > 1e-11 OR best.suppressed <> planned.suppressed THEN
			RETURN NEXT format('round %s: planned %s, the best is %s', round, planned, best);
		END IF;
		FOR stopped IN SELECT limits, p.loss, p.gap, p.optimal FROM unnest('{1 ms,20 ms,60 ms}'::interval[]) AS limits, kiaim.plan('wide', policy, time_limit => limits) AS p LOOP
			IF stopped.loss < best.loss - 1e-11 OR stopped.loss - stopped.gap > best.loss + 1e-11 OR stopped.optimal AND stopped.loss > best.loss + 1e-11 THEN
				RETURN NEXT format('round %s: stopped after %s, the best is %s', round, stopped, best);
			END IF;
		END LOOP;
	END LOOP;
END $$;
SELECT is_empty('SELECT * FROM not_best(4)', 'the optimum is that of an exact walk over all nodes, and bounds are true');

-- Twenty-five columns: never fails, the same each time, better than the top, with a bound.
CREATE TABLE many AS SELECT (SELECT jsonb_object_agg('q' || j, (hashint4(i * 31 + j) & 1023) * (hashint4(i + j * 7) & 1023) / (4 << j % 8)) FROM generate_series(1, 25) AS j) AS row FROM generate_series(1, 400) AS i;
DO $$ BEGIN
	EXECUTE 'CREATE TABLE broad AS SELECT ' || (SELECT string_agg(format('(row ->> %L)::int %% 97 AS %I', 'q' || j, 'q' || j), ', ') FROM generate_series(1, 25) AS j) || ' FROM many';
END $$;
CREATE FUNCTION broad_policy() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('k', 3, 'suppression', 0.02, 'quasi', jsonb_object_agg('q' || j, 'bins(5, 10, 20, 40)')) FROM generate_series(1, 25) AS j $$;
CREATE TABLE stopped AS SELECT * FROM kiaim.plan('broad', broad_policy(), time_limit => '2 s');
SELECT ok(count(*) = 1 AND bool_and(NOT optimal AND loss < 0.99 AND gap < loss AND gap > 0), 'a plan with a bound for 25 columns') FROM stopped;
SELECT ok(count(*) = 1, 'without time there is the top') FROM kiaim.plan('broad', broad_policy(), time_limit => '1 us');
SET kiaim.max_memory = '16MB';
CREATE TABLE small AS SELECT levels, loss, gap, optimal FROM kiaim.plan('broad', broad_policy());
SELECT ok(count(*) = 1 AND bool_and(NOT optimal AND loss < 0.99 AND gap < loss), 'without a limit the memory ends it') FROM small;
SELECT set_eq('SELECT levels, loss, gap, optimal FROM kiaim.plan(''broad'', broad_policy())', 'SELECT * FROM small', 'in the same way each time');

-- Both can be cancelled.
RESET kiaim.max_memory;
CREATE FUNCTION cancelled(query text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN false;
EXCEPTION WHEN query_canceled THEN
	RETURN true;
END $$;
SET statement_timeout = '700 ms';
SELECT ok(cancelled('SELECT FROM kiaim.plan(''broad'', broad_policy())'), 'a plan by boxes can be cancelled');
SELECT ok(cancelled('SELECT FROM kiaim.frontier(''broad'', broad_policy(), ''{2,3,4,5}'')'), 'an exploration can be cancelled');
RESET statement_timeout;

SELECT * FROM finish();
ROLLBACK;
