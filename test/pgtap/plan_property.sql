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

-- The columns of the policy are not in alphabetical order: the last tie is broken in the order of the relation.
CREATE TABLE patient (person int, q3 text, s text, q1 text, q2 int, u numeric, q4 date, id int);

-- A quasi-identifier: its place in the relation, hierarchy, height, and its leaves if it is a tree.
CREATE TABLE quasi (j int, name text, hierarchy text, height int, leaves text[]);
INSERT INTO quasi VALUES
	(1, 'q3', 'flat', 1, NULL),
	(2, 'q1', '{"*": {"A": ["a", "b"], "B": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q2', 'bins(2, 4)', 3, NULL),
	(4, 'q4', 'calendar(month, year)', 3, NULL);

-- Every row with its label on every level of every column, and what that label costs.
CREATE TABLE label (id int, j int, level int, label text, cost float8);

-- Levels with the labels and costs of the one below: releases that they make are no others.
CREATE TABLE repeated (j int, level int);

CREATE FUNCTION fill_labels() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	q quasi;
BEGIN
	TRUNCATE label, repeated;
	FOR q IN SELECT * FROM quasi LOOP
		EXECUTE format($q$
			WITH l AS (
				SELECT id, level, kiaim.generalize(%1$I, %2$L, level) AS label, kiaim.generalize(%1$I, %2$L, 0) AS leaf
				FROM patient, generate_series(0, %3$s) AS level
			), leaf AS (	-- the leaves with their labels: those of the tree, or the distinct values of the table
				SELECT level, leaf, kiaim.generalize(leaf, %2$L, level) AS label
				FROM unnest(%4$L::text[]) AS leaf, generate_series(0, %3$s) AS level
				UNION ALL
				SELECT DISTINCT level, leaf, label FROM l WHERE %4$L::text[] IS NULL
			), under AS (
				SELECT level, label, count(*) AS n FROM leaf GROUP BY level, label
			)
			INSERT INTO label
			SELECT l.id, %5$s, l.level, l.label,
				CASE WHEN l.label = '*' THEN 1 WHEN l.level = 0 OR l.label IS NULL THEN 0
				ELSE (under.n - 1)::float8 / greatest((SELECT count(*) FROM leaf WHERE level = 0) - 1, 1) END
			FROM l LEFT JOIN under ON under.level = l.level AND under.label IS NOT DISTINCT FROM l.label
		$q$, q.name, q.hierarchy, q.height, q.leaves, q.j);
	END LOOP;
	INSERT INTO repeated
	SELECT j, level FROM (
		SELECT j, level, (labels, cost) = lag((labels, cost)) OVER (PARTITION BY j ORDER BY level) AS same FROM (
			SELECT j, level, count(DISTINCT label) + bool_or(label IS NULL)::int AS labels, round(sum(cost)::numeric, 9) AS cost FROM label GROUP BY j, level) AS k
	) AS s WHERE same;
END $$;

-- Every node of the lattice that is feasible, best first: loss rounded to 12 decimals, suppressed records,
-- sum of levels, levels in the order of the columns.
CREATE FUNCTION oracle(policy jsonb)
RETURNS TABLE (rank bigint, levels jsonb, loss float8, k bigint, suppressed bigint, classes bigint)
LANGUAGE sql AS $$
WITH RECURSIVE column_of AS (
	SELECT q.j, q.name, coalesce((o ->> 'weight')::float8, 1) AS weight,
		coalesce((o ->> 'min')::int, 0) AS least, coalesce((o ->> 'max')::int, q.height) AS most,
		row_number() OVER (ORDER BY q.j) AS place, count(*) OVER () AS columns
	FROM quasi AS q JOIN jsonb_each(policy -> 'quasi') AS p (name, o) USING (name)
), prefix (place, vector) AS (
	SELECT 0::bigint, '{}'::int[]
	UNION ALL
	SELECT c.place, vector || g.level
	FROM prefix JOIN column_of AS c ON c.place = prefix.place + 1, generate_series(c.least, c.most) AS g (level)
	WHERE g.level = c.least OR NOT EXISTS (SELECT FROM repeated AS r WHERE (r.j, r.level) = (c.j, g.level))
), node AS (
	SELECT vector FROM prefix WHERE place = (SELECT max(columns) FROM column_of)
), tuple AS (		-- every row at every node
	SELECT vector, l.id, array_agg(l.label ORDER BY c.place) AS key, array_agg(l.cost ORDER BY c.place) AS costs
	FROM node CROSS JOIN column_of AS c JOIN label AS l ON l.j = c.j AND l.level = node.vector[c.place]
	GROUP BY vector, l.id
), class AS (
	SELECT vector, key, count(*) AS records,
		CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS size
	FROM tuple JOIN patient USING (id) GROUP BY vector, key
), cell AS (		-- sensitive values in every class: rows, or persons with that value
	SELECT vector, key, s, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
	FROM tuple JOIN patient USING (id) GROUP BY vector, key, s
), whole AS (
	SELECT s, n / sum(n) OVER () AS q FROM (
		SELECT s, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
		FROM patient GROUP BY s) AS w
), share AS (
	SELECT cell.*, q, (n / sum(n) OVER (PARTITION BY vector, key))::float8 AS p,
		row_number() OVER (PARTITION BY vector, key ORDER BY n DESC) AS place
	FROM cell JOIN whole ON cell.s IS NOT DISTINCT FROM whole.s
), diversity AS (
	SELECT vector, key, count(*) AS l, exp(-sum(p * ln(p))) AS entropy,
		max(n) AS most, coalesce(sum(n) FILTER (WHERE place >= (policy #>> '{sensitive,s,recursive,l}')::int), 0) AS rest,
		(sum(abs(p - q)) + 1 - sum(q)) / 2 AS t
	FROM share GROUP BY vector, key
), branch AS (	-- the sensitive values on level 1 of their hierarchy: {i, ii}, {iii}, NULL
	SELECT vector, key, s IN ('i', 'ii') AS label, sum(p) AS p
	FROM share GROUP BY vector, key, label
), hierarchical AS (	-- the mean of the distances of both levels; what a class lacks is missing from the sum of q
	SELECT vector, key, (diversity.t + (sum(abs(p - q)) + 1 - sum(q)) / 2) / 2 AS t
	FROM (SELECT vector, key, label, p, (SELECT sum(q) FROM whole WHERE (s IN ('i', 'ii')) IS NOT DISTINCT FROM label) AS q FROM branch) AS b
		JOIN diversity USING (vector, key)
	GROUP BY vector, key, diversity.t
), second AS (
	SELECT vector, key, count(DISTINCT u) + bool_or(u IS NULL)::int AS l
	FROM tuple JOIN patient USING (id) GROUP BY vector, key
), verdict AS (
	SELECT class.*,
		size >= coalesce((policy ->> 'k')::int, 1)
		AND diversity.l >= coalesce((policy #>> '{sensitive,s,l}')::int, 1)
		AND entropy >= coalesce((policy #>> '{sensitive,s,entropy_l}')::float8, 1) - 1e-12
		AND coalesce(most < (policy #>> '{sensitive,s,recursive,c}')::float8 * rest, true)
		AND coalesce(CASE policy #>> '{sensitive,s,distance}' WHEN 'hierarchical' THEN hierarchical.t ELSE diversity.t END
			<= (policy #>> '{sensitive,s,t}')::float8 + 1e-12, true)
		AND second.l >= coalesce((policy #>> '{sensitive,u,l}')::int, 1) AS holds
	FROM class JOIN diversity USING (vector, key) JOIN hierarchical USING (vector, key) JOIN second USING (vector, key)
), judged AS (
	SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0)::bigint AS suppressed,
		count(*) FILTER (WHERE holds) AS classes, min(size) FILTER (WHERE holds) AS k
	FROM verdict GROUP BY vector
), column_loss AS (
	SELECT vector, c.place, weight,
		sum(CASE WHEN holds THEN costs[c.place] ELSE 1 END) / count(*) AS loss
	FROM tuple JOIN verdict USING (vector, key) CROSS JOIN column_of AS c
	GROUP BY vector, c.place, weight
), node_loss AS (
	SELECT vector, CASE policy ->> 'aggregate' WHEN 'geometric' THEN exp(sum(weight * ln(1 + loss)) / sum(weight)) - 1
		ELSE sum(weight * loss) / sum(weight) END AS loss
	FROM column_loss GROUP BY vector
)
SELECT row_number() OVER (ORDER BY round(loss::numeric, 12), suppressed, (SELECT sum(level) FROM unnest(vector) AS level), vector),
	(SELECT jsonb_object_agg(name, vector[place]) FROM column_of),
	loss, k, suppressed, classes
FROM node_loss JOIN judged USING (vector)
WHERE suppressed <= floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient))
$$;

-- One of some values.
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- A random table: few values, NULLs, values outside their hierarchies, "*" itself, and persons with several rows.
CREATE FUNCTION fill_patient() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 60);
	variety int := 2 + floor(random() * 7);
	crowd float8 := pick('0.1', '0.4', '0.8');
BEGIN
	TRUNCATE patient;
	INSERT INTO patient
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
	columns jsonb := '{}';
	sensitive jsonb := '{}';
	q quasi;
	wanted int := 2 + floor(random() * 3);
	least int;
	most int;
BEGIN
	FOR q IN SELECT * FROM quasi ORDER BY random() LIMIT wanted LOOP
		least := CASE WHEN random() < 0.2 THEN floor(random() * (q.height + 1)) ELSE 0 END;
		most := CASE WHEN random() < 0.2 THEN least + floor(random() * (q.height - least + 1)) ELSE q.height END;
		columns := columns || jsonb_build_object(q.name, jsonb_build_object('hierarchy', q.hierarchy, 'min', least, 'max', most,
			'weight', pick('1', '1', '2', '0.5', '0.1')::numeric));
	END LOOP;
	policy := jsonb_build_object('quasi', columns, 'k', pick('1', '2', '2', '3', '5', '8')::int,
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
	planned record;
	expected record;
	wanted int;
	found int;
	feasible bigint;
	message text;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 4 = 1 THEN
			PERFORM fill_patient();
		END IF;
		policy := random_policy(near);
		wanted := pick('1', '1', '3', '1000')::int;
		found := 0;
		CREATE TEMP TABLE expectation AS SELECT * FROM oracle(policy);
		SELECT count(*) INTO feasible FROM expectation;
		BEGIN
			FOR planned IN SELECT * FROM kiaim.plan('patient', policy, solutions => wanted) LOOP
				found := found + 1;
				SELECT * INTO expected FROM expectation AS e WHERE e.rank = planned.rank;
				IF (planned.levels, planned.suppressed, planned.classes, planned.k) IS DISTINCT FROM
					(expected.levels, expected.suppressed, expected.classes, expected.k)
					OR NOT coalesce(abs(planned.loss - expected.loss) <= 1e-11, false) THEN
					RETURN NEXT format(E'round %s: %s\n planned  %s\n expected %s', round, policy, to_jsonb(planned) - 'query', to_jsonb(expected));
				END IF;
				IF NOT planned.optimal OR planned.gap <> 0 THEN
					RETURN NEXT format('round %s: not proven', round);
				END IF;
				IF planned.rank <= 2 THEN
					RETURN QUERY SELECT format(E'round %s: %s\n %s\n %s', round, policy, d, planned.query) FROM release_differs(policy, planned.levels, planned.suppressed, planned.classes, planned.k, planned.query) AS d;
				END IF;
			END LOOP;
			IF found <> least(wanted, feasible) THEN
				RETURN NEXT format(E'round %s: %s\n %s solutions of %s, %s wanted', round, policy, found, feasible, wanted);
			END IF;
		EXCEPTION WHEN no_data_found THEN
			IF feasible > 0 THEN
				RETURN NEXT format(E'round %s: %s\n no solution, but %s are feasible', round, policy, feasible);
			END IF;
		END;
		DROP TABLE expectation;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differences(200, 0.5, false)', '200 random policies on random tables: the plan is that of the whole lattice, and its query releases it');
SELECT is_empty('SELECT * FROM differences(100, 0.25, true)', '100 random policies about t-closeness');

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
