-- kiaim.plan against the whole lattice in plain SQL: random small tables and
-- random policies. The oracle generalizes every row to every node, groups,
-- judges each class by definition, and ranks what is feasible. The plan must
-- find the same nodes in the same order with the same figures, and its query
-- must release exactly what was planned.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

\ir include/lattice.sql
\ir include/verdict.sql
\ir include/score.sql

-- A random table: few values, NULLs, values outside their hierarchies, "*" itself, and persons with several rows.
CREATE FUNCTION fill_patient() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 60);
	variety int := 2 + floor(random() * 7);
	crowd float8 := pick('0.1', '0.4', '0.8');
BEGIN
	TRUNCATE patient;
	INSERT INTO patient (person, q3, s, q1, q2, u, q4, id)
	SELECT nullif(floor(random() * n * crowd)::int, 0),
		(ARRAY['x', 'y', NULL, '*', 'w'])[1 + floor(random() * least(variety, 5))::int],
		(ARRAY['i', 'ii', 'iii', NULL])[1 + floor(random() * 4)::int],
		(ARRAY['a', 'b', 'c', 'z', NULL, 'd', 'e', '*'])[1 + floor(random() * least(variety, 8))::int],
		nullif(floor(random() * variety * 1.5)::int - 1, 4),
		(ARRAY[1.0, 1.00, 2, NULL])[1 + floor(random() * 4)::int],
		(ARRAY['2020-02-29', '2020-03-01', NULL, 'infinity', '2021-03-01', '2021-03-31'])[1 + floor(random() * least(variety, 6))::int]::date,
		id
	FROM generate_series(1, n) AS id;
	PERFORM fill_labels();
END $$;

-- near: about t-closeness, which classes of a few rows seldom have.
CREATE FUNCTION random_policy(near boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	sensitive jsonb := '{}';
BEGIN
	policy := jsonb_build_object('quasi', random_quasi(2 + floor(random() * 3)::int, 0.2, '{1,1,2,0.5,0.1}'), 'k', pick('1', '2', '2', '3', '5', '8')::int,
		'suppression', pick('0', '0', '0.02', '0.1', '0.29', '0.5', '1')::numeric,
		'aggregate', pick('arithmetic', 'geometric'), 'suppressed_rows', pick('drop', 'drop', 'star'));
	IF random() < 0.4 THEN
		policy := policy || '{"person": "person"}';
	END IF;
	IF near THEN
		policy := policy || jsonb_build_object('suppression', pick('0', '0.3', '0.5', '0.7')::numeric);
	END IF;
	IF near OR random() < 0.6 THEN
		sensitive := CASE CASE WHEN near THEN pick('t', 'hierarchical t', 'hierarchical t', 'l and t') ELSE pick('l', 'entropy_l', 'recursive', 'all') END
			WHEN 'l' THEN jsonb_build_object('l', pick('1', '2', '3')::int)
			WHEN 'entropy_l' THEN jsonb_build_object('entropy_l', pick('1.5', '2', '2.5')::numeric)
			WHEN 'recursive' THEN jsonb_build_object('recursive', jsonb_build_object('c', pick('1', '2', '3.5')::numeric, 'l', pick('1', '2', '3')::int))
			WHEN 't' THEN jsonb_build_object('t', pick('0.1', '0.2', '0.3', '0.5', '0.75')::numeric)
			WHEN 'hierarchical t' THEN jsonb_build_object('t', pick('0.05', '0.1', '0.2', '0.3', '0.5')::numeric, 'distance', 'hierarchical',
				'hierarchy', '{"*": {"A": ["i", "ii"], "B": ["iii"]}}'::jsonb)
			WHEN 'l and t' THEN jsonb_build_object('l', 2, 't', 0.5)
			ELSE '{"l": 2, "entropy_l": 1.5, "recursive": {"c": 3, "l": 2}}' END;
		policy := policy || jsonb_build_object('sensitive', jsonb_build_object('s', sensitive));
		IF random() < 0.3 THEN
			policy := jsonb_set(policy, '{sensitive,u}', '{"l": 2}');
		END IF;
		IF near OR random() < 0.3 THEN
			policy := policy - 'k';
		END IF;
	END IF;
	RETURN policy;
END $$;

-- kiaim.check on the stored result of a query; not for persons and t, which the release alone cannot show.
CREATE FUNCTION check_release(policy jsonb, query text)
RETURNS TABLE (requirement text, wanted float8, measured float8, holds boolean)
LANGUAGE plpgsql AS $$
BEGIN
	IF policy ? 'person' OR policy #> '{sensitive,s}' ? 't' THEN
		RETURN;
	END IF;
	EXECUTE 'CREATE TABLE released AS ' || query;
	RETURN QUERY SELECT * FROM kiaim.check('released', policy);
	DROP TABLE released;
END $$;

-- What the query of a plan releases is not what was planned.
CREATE FUNCTION release_differs(policy jsonb, levels jsonb, suppressed_rows bigint, planned_classes bigint, planned_k bigint, query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	columns text := (SELECT string_agg(quote_ident(name), ', ') FROM jsonb_object_keys(policy -> 'quasi') AS name);
	all_star text := (SELECT string_agg(format('%I IS NOT DISTINCT FROM ''*''', name), ' AND ') FROM jsonb_object_keys(policy -> 'quasi') AS name);
	star boolean := policy ->> 'suppressed_rows' = 'star';
	counted text := CASE WHEN policy ? 'person' THEN kiaim.plan_query('patient', policy, levels, true) ELSE query END;
	rows_released bigint;
	stars bigint;
	classes bigint;
	smallest bigint;
	source_rows bigint := (SELECT count(*) FROM patient);
BEGIN
	EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s) FROM (%s) AS r', all_star, query) INTO rows_released, stars;
	IF rows_released <> source_rows - (CASE WHEN star THEN 0 ELSE suppressed_rows END) THEN
		RETURN NEXT format('%s of %s rows released, %s to be suppressed', rows_released, source_rows, suppressed_rows);
	END IF;
	-- released stars and suppressed ones look alike: then there are more of them than suppressed rows
	IF star AND stars <> suppressed_rows THEN
		IF stars < suppressed_rows THEN
			RETURN NEXT format('%s rows of stars, %s to be suppressed', stars, suppressed_rows);
		END IF;
		RETURN;
	END IF;
	EXECUTE format('SELECT count(*), min(n) FROM (SELECT %s AS n FROM (%s) AS r %s GROUP BY %s) AS c',
		CASE WHEN policy ? 'person' THEN 'count(DISTINCT kiaim_person) + bool_or(kiaim_person IS NULL)::int' ELSE 'count(*)' END,
		counted, CASE WHEN star THEN format('WHERE NOT (%s)', all_star) ELSE '' END, columns)
		INTO classes, smallest;
	IF (classes, smallest) IS DISTINCT FROM (planned_classes, planned_k) THEN
		RETURN NEXT format('%s classes of at least %s released, planned were %s of %s', classes, smallest, planned_classes, planned_k);
	END IF;
	RETURN QUERY SELECT format('the release does not hold %s: %s', requirement, measured)
		FROM check_release(policy, query) WHERE NOT holds;
END $$;

CREATE FUNCTION differences(rounds int, seed float8, near boolean) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	wanted int;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 4 = 1 THEN
			PERFORM fill_patient();
		END IF;
		policy := random_policy(near);
		wanted := pick('1', '1', '3', '1000')::int;
		PERFORM fill_tuple(policy), fill_class(policy), fill_node(), fill_figure(policy);
		RETURN QUERY SELECT format(E'round %s: %s\n %s', round, policy, d) FROM plan_differs(policy, wanted) AS d;
		IF EXISTS (SELECT FROM expectation) THEN
			RETURN QUERY SELECT format(E'round %s: %s\n %s\n %s', round, policy, d, p.query)
				FROM kiaim.plan('patient', policy, solutions => least(wanted, 2)) AS p, release_differs(policy, p.levels, p.suppressed, p.classes, p.k, p.query) AS d;
		END IF;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differences(120, 0.5, false)', '120 random policies on random tables: the plan is that of the whole lattice, and its query releases it');
SELECT is_empty('SELECT * FROM differences(60, 0.25, true)', '60 random policies about t-closeness');

-- Person 1 is in both classes and counts once in their union: generalizing makes the values less diverse.
CREATE TABLE union_of_classes (sex text, person int, s text, u text);
INSERT INTO union_of_classes VALUES ('f', 1, 'a', 'x'), ('f', 2, 'b', 'x'), ('m', 1, 'a', 'y'), ('m', 3, 'b', 'x');
SELECT results_eq(
	$$ SELECT levels, loss, suppressed FROM kiaim.plan('union_of_classes', '{"person": "person", "quasi": {"sex": "flat"}, "sensitive": {"s": {"entropy_l": 2}}}') $$,
	$$ VALUES ('{"sex": 0}'::jsonb, 0::float8, 0::bigint) $$,
	'with persons a class can fail although its parts hold; the parts are found');

-- Person 1 says a twice, with different u: that is one a.
INSERT INTO union_of_classes VALUES ('f', 1, 'a', 'y'), ('m', 1, 'a', 'x');
SELECT results_eq(
	$$ SELECT levels, loss, suppressed FROM kiaim.plan('union_of_classes',
		'{"person": "person", "quasi": {"sex": "flat"}, "sensitive": {"s": {"entropy_l": 2}, "u": {"l": 1}}}') $$,
	$$ VALUES ('{"sex": 0}'::jsonb, 0::float8, 0::bigint) $$,
	'a person counts once for a value of one column, whatever the other column says');

-- One person may bring all the values that diversity asks for; only k asks for persons.
CREATE TABLE one_person_each (sex text, person int, u text);
INSERT INTO one_person_each VALUES ('f', 1, 'x'), ('f', 1, 'y'), ('m', 2, 'x'), ('m', 2, 'y');
SELECT results_eq(
	$$ SELECT levels, k FROM kiaim.plan('one_person_each', '{"person": "person", "quasi": {"sex": "flat"}, "sensitive": {"u": {"l": 2}}}') $$,
	$$ VALUES ('{"sex": 0}'::jsonb, 1::bigint) $$,
	'diversity needs values, not persons');

-- A person with many rows, and many rows without a person.
CREATE TABLE crowd AS SELECT i AS a, i % 100 AS b, nullif(i % 3, 0) AS person FROM generate_series(1, 30000) AS i;
SELECT results_eq(
	$$ SELECT levels, k, suppressed FROM kiaim.plan('crowd', '{"person": "person", "quasi": {"a": "bins(30000)", "b": "flat"}, "k": 3}') $$,
	$$ VALUES ('{"a": 2, "b": 0}'::jsonb, 3::bigint, 0::bigint) $$,
	'three persons with ten thousand rows each are counted in no time');

-- However early the search is stopped, what it says of the best possible loss is true.
CREATE TABLE wide AS SELECT i % 2 AS a, i * 7919 % 97 AS b, i * 104729 % 53 AS c, i * 12553 % 31 AS d, i * 17389 % 101 AS e, i * 31 % 17 AS f
FROM generate_series(1, 3000) AS i;
CREATE TABLE proven AS SELECT * FROM kiaim.plan('wide', '{"quasi": {"a": "flat", "b": "bins(5, 10, 50)", "c": "bins(5, 10, 50)", "d": "bins(5, 10)", "e": "bins(5, 10, 50)",
	"f": "bins(5, 10)"}, "k": 4, "suppression": 0.05}');
SELECT ok(NOT EXISTS (SELECT FROM proven WHERE NOT optimal OR gap <> 0) AND EXISTS (SELECT FROM proven), 'without a limit the optimum is proven');
SELECT ok(limited.gap >= 0 AND limited.loss - limited.gap <= proven.loss + 1e-12 AND limited.loss >= proven.loss - 1e-12
	AND (NOT limited.optimal OR abs(limited.loss - proven.loss) <= 1e-12), 'stopped after ' || time_limit)
FROM proven, unnest('{100 us,1 ms,5 ms,20 ms,1 min}'::interval[]) AS time_limit,
	kiaim.plan('wide', '{"quasi": {"a": "flat", "b": "bins(5, 10, 50)", "c": "bins(5, 10, 50)", "d": "bins(5, 10)", "e": "bins(5, 10, 50)",
	"f": "bins(5, 10)"}, "k": 4, "suppression": 0.05}', time_limit => time_limit) AS limited;

SELECT * FROM finish();
ROLLBACK;
