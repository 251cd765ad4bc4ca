-- Requirements on a table as a whole and beside a population, against the whole lattice: random small tables and
-- random policies. The oracle generalizes every row to every node, groups, judges each class by definition, and
-- suppresses the smallest classes one by one until the whole holds. The plan must find the same nodes in the same
-- order with the same figures, and its query must release the same classes.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient (person int, q3 text, s text, q1 text, q2 int, id int);
CREATE TABLE resident (q2 int, q1 varchar, q3 text, name text);
CREATE TABLE visitor (q1 text, q3 text, q2 int);

-- The quasi-identifiers in the order of the relation: two trees, and a computed hierarchy whose leaves are the values of the table.
CREATE TABLE quasi (j int, name text, hierarchy text, height int, leaves text[]);
INSERT INTO quasi VALUES
	(1, 'q3', '{"*": {"X": {"XA": ["x", "y"], "XB": ["w"]}, "V": {"VA": ["v", "u", "t"]}}}', 3, '{x,y,w,v,u,t}'),
	(2, 'q1', '{"*": {"B": ["a", "b"], "A": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q2', 'bins(2, 4)', 3, NULL);

-- Every row of the three tables (0, 1, 2) with its label on every level of every column, and what that label costs.
CREATE TABLE label (relation int, id bigint, j int, level int, label text, cost float8);

CREATE FUNCTION fill_labels() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	q quasi;
BEGIN
	TRUNCATE label;
	FOR q IN SELECT * FROM quasi LOOP
		EXECUTE format($q$
			WITH r AS (
				SELECT 0 AS relation, id::bigint AS id, %1$I AS value FROM patient
				UNION ALL SELECT 1, row_number() OVER (), %1$I FROM resident
				UNION ALL SELECT 2, row_number() OVER (), %1$I FROM visitor
			), l AS (
				SELECT relation, id, level, kiaim.generalize(value, %2$L, level) AS label, kiaim.generalize(value, %2$L, 0) AS leaf
				FROM r, generate_series(0, %3$s) AS level
			), leaf AS (	-- the leaves with their labels: those of the tree, or the distinct values of the source
				SELECT level, kiaim.generalize(leaf, %2$L, level) AS label
				FROM unnest(%4$L::text[]) AS leaf, generate_series(0, %3$s) AS level
				UNION ALL
				SELECT level, label FROM (SELECT DISTINCT level, leaf, label FROM l WHERE relation = 0 AND %4$L::text[] IS NULL) AS d
			), under AS (
				SELECT level, label, count(*) AS n FROM leaf GROUP BY level, label
			)
			INSERT INTO label
			SELECT relation, id, %5$s, l.level, l.label,
				CASE WHEN l.label = '*' THEN 1 WHEN l.level = 0 OR l.label IS NULL THEN 0
				ELSE (under.n - 1)::float8 / greatest((SELECT count(*) FROM leaf WHERE level = 0) - 1, 1) END
			FROM l LEFT JOIN under ON under.level = l.level AND under.label IS NOT DISTINCT FROM l.label
		$q$, q.name, q.hierarchy, q.height, q.leaves, q.j);
	END LOOP;
END $$;

-- Do the requirements hold that are means over records? Of nothing they do.
CREATE FUNCTION means_hold(policy jsonb, sizes bigint[], records bigint[]) RETURNS boolean
LANGUAGE sql AS $$
	SELECT coalesce(
		sum(r / s::float8) / sum(r)::float8 <= least((policy ->> 'average_risk')::float8, (policy #>> '{strict_average_risk,average}')::float8, 1) + 1e-12
		AND coalesce(sum(r) FILTER (WHERE s = 1), 0) / sum(r)::float8 <= coalesce((policy ->> 'sample_uniqueness')::float8, 1) + 1e-12
		AND coalesce(sum(r) FILTER (WHERE 1 / s::float8 > (policy #>> '{strict_average_risk,threshold}')::float8), 0) / sum(r)::float8
			<= coalesce((policy #>> '{strict_average_risk,share_at_risk}')::float8, 1) + 1e-12, true)
	FROM unnest(sizes, records) AS u (s, r)
$$;

-- Does the estimate hold? What cannot be estimated does not.
CREATE FUNCTION estimate_holds(policy jsonb, sizes bigint[]) RETURNS boolean
LANGUAGE sql AS $$
	SELECT NOT policy ? 'population_uniqueness' OR sizes = '{}' OR coalesce(
		(SELECT kiaim.population_uniqueness(coalesce(policy #>> '{population_uniqueness,model}', 'dankar'),
			(policy #>> '{population_uniqueness,population}')::bigint, class)
		 FROM unnest(sizes) WITH ORDINALITY AS u (size, class), generate_series(1, size)) <= (policy #>> '{population_uniqueness,share}')::float8 * (1 + 1e-12), false)
$$;

CREATE TYPE outcome AS (vector int[], loss float8, k bigint, suppressed bigint, classes bigint, released text[]);

-- Every node that is feasible.
CREATE FUNCTION feasible_nodes(policy jsonb) RETURNS SETOF outcome
LANGUAGE plpgsql AS $$
DECLARE
	n bigint := (SELECT count(*) FROM patient);
	most bigint := floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient));
	node int[];
	c record;
	result outcome;
	failing bigint;
	low int;
	high int;
	middle int;
BEGIN
	FOR node IN SELECT ARRAY[a, b, d] FROM generate_series(0, 3) AS a, generate_series(0, 2) AS b, generate_series(0, 3) AS d LOOP
		WITH tuple AS (
			SELECT relation, id, array_agg(label ORDER BY j) AS key, array_agg(cost ORDER BY j) AS costs
			FROM label WHERE level = node[j] GROUP BY relation, id
		), class AS (
			SELECT key, count(*) AS records, min(costs) AS costs, count(DISTINCT s) + max((s IS NULL)::int) AS l,
				CASE WHEN policy ? 'person' THEN count(DISTINCT person) + max((person IS NULL)::int) ELSE count(*) END AS size,
				(SELECT count(*) FROM tuple AS r WHERE r.relation = 1 AND r.key = t.key) AS residents,
				(SELECT count(*) FROM tuple AS r WHERE r.relation = 2 AND r.key = t.key) AS visitors
			FROM tuple AS t JOIN patient USING (id) WHERE relation = 0 GROUP BY key
		), judged AS (
			SELECT *, size >= coalesce((policy ->> 'k')::int, 1)
				AND l >= coalesce((policy #>> '{sensitive,s,l}')::int, 1)
				AND 1 / size::float8 <= coalesce((policy #>> '{strict_average_risk,highest}')::float8, 1) + 1e-12
				AND residents >= coalesce((policy #>> '{k_map,k}')::int, 0)
				AND (NOT policy ? 'presence' OR beside > 0 AND size / beside::float8
					BETWEEN coalesce((policy #>> '{presence,min}')::float8, 0) - 1e-12 AND coalesce((policy #>> '{presence,max}')::float8, 'infinity') + 1e-12) AS holds,
				-- the losses of the trees' labels, where classes differ in them
				CASE WHEN node[1] IN (1, 2) THEN costs[1] ELSE 0 END + CASE WHEN node[2] = 1 THEN costs[2] ELSE 0 END AS labels_loss
			FROM class, LATERAL (SELECT CASE WHEN policy #>> '{presence,population}' LIKE '%visitor' THEN visitors ELSE residents END AS beside) AS b
		), ordered AS (
			SELECT *, row_number() OVER (ORDER BY size, labels_loss, key[1] COLLATE "C", key[2] COLLATE "C", key[3] COLLATE "C") AS place FROM judged WHERE holds
		)
		SELECT array_agg(size ORDER BY place) AS sizes, array_agg(records ORDER BY place) AS records,
			array_agg(costs[1] ORDER BY place) AS c1, array_agg(costs[2] ORDER BY place) AS c2, array_agg(costs[3] ORDER BY place) AS c3,
			array_agg((key[1], key[2], key[3])::text ORDER BY place) AS keys, count(*) AS n
		INTO c FROM ordered;
		c.sizes := coalesce(c.sizes, '{}');
		failing := n - coalesce((SELECT sum(r) FROM unnest(c.records) AS r), 0);

		-- the shortest prefix without which the means hold
		low := 0;
		WHILE NOT means_hold(policy, c.sizes[low + 1:], c.records[low + 1:]) LOOP
			low := low + 1;
		END LOOP;
		IF NOT estimate_holds(policy, c.sizes[low + 1:]) THEN
			high := low;
			WHILE high < c.n AND failing + (SELECT sum(r) FROM unnest(c.records[:high + 1]) AS r) <= most LOOP
				high := high + 1;
			END LOOP;
			CONTINUE WHEN high = low OR NOT estimate_holds(policy, c.sizes[high + 1:]);
			WHILE high - low > 1 LOOP
				middle := low + (high - low) / 2;
				IF estimate_holds(policy, c.sizes[middle + 1:]) THEN
					high := middle;
				ELSE
					low := middle;
				END IF;
			END LOOP;
			low := high;
		END IF;

		result.suppressed := failing + coalesce((SELECT sum(r) FROM unnest(c.records[:low]) AS r), 0);
		CONTINUE WHEN result.suppressed > most;
		result.vector := node;
		result.classes := c.n - low;
		result.k := c.sizes[low + 1];
		result.released := ARRAY(SELECT key FROM unnest(c.keys[low + 1:]) AS key ORDER BY key COLLATE "C");
		result.loss := (SELECT coalesce(sum(r * (a + b + d)), 0) FROM unnest(c.records[low + 1:], c.c1[low + 1:], c.c2[low + 1:], c.c3[low + 1:]) AS u (r, a, b, d))
			/ n / 3 + result.suppressed::float8 / n;
		RETURN NEXT result;
	END LOOP;
END $$;

CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- A random table, and two populations of it: residents are its rows and more, visitors may lack some.
CREATE FUNCTION fill_tables() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 60);
	variety int := 2 + floor(random() * 5);
	crowd float8 := pick('0.1', '0.4', '0.8');
BEGIN
	TRUNCATE patient, resident, visitor;
	INSERT INTO patient
	SELECT nullif(floor(random() * n * crowd)::int, 0),
		(ARRAY['x', 'v', NULL, 'y', 'w', 'u', '*'])[1 + floor(random() * least(variety, 7))::int],
		(ARRAY['i', 'ii', 'iii', NULL])[1 + floor(random() * 4)::int],
		(ARRAY['a', 'c', NULL, 'z', 'd', 'e', 'b'])[1 + floor(random() * variety)::int],
		nullif(floor(random() * variety * 1.5)::int - 1, 4), id
	FROM generate_series(1, n) AS id;
	INSERT INTO resident (q1, q2, q3) SELECT q1, q2, q3 FROM patient, generate_series(1, 1 + (id % 3));
	INSERT INTO resident (q1, q2, q3) SELECT a.q1, b.q2 + (random() * 3)::int, b.q3 FROM patient AS a JOIN patient AS b ON (a.id * 7 + b.id) % 5 = 0 LIMIT n;
	INSERT INTO visitor (q1, q2, q3) SELECT q1, q2, q3 FROM resident WHERE random() < 0.9;
	PERFORM fill_labels();
END $$;

CREATE FUNCTION random_policy() RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb := jsonb_build_object('quasi', (SELECT jsonb_object_agg(name, hierarchy) FROM quasi),
		'suppression', pick('0', '0', '0.1', '0.3', '0.5', '1')::numeric, 'suppressed_rows', pick('drop', 'drop', 'star'));
	what text;
BEGIN
	IF random() < 0.35 THEN
		policy := policy || '{"person": "person"}';
	END IF;
	IF random() < 0.4 THEN
		policy := policy || jsonb_build_object('k', pick('1', '2', '3')::int);
	END IF;
	IF random() < 0.25 THEN
		policy := policy || '{"sensitive": {"s": {"l": 2}}}';
	END IF;
	FOR i IN 1 .. pick('1', '1', '2', '3')::int LOOP
		what := pick('average_risk', 'average_risk', 'sample_uniqueness', 'strict_average_risk', 'population_uniqueness', 'k_map', 'presence');
		policy := policy || jsonb_build_object(what, CASE what
			WHEN 'average_risk' THEN pick('0.05', '0.1', '0.2', '0.25', '0.5')::jsonb
			WHEN 'sample_uniqueness' THEN pick('0', '0.05', '0.1', '0.25')::jsonb
			WHEN 'strict_average_risk' THEN pick('{"average": 0.3, "highest": 0.5, "share_at_risk": 0.2, "threshold": 0.3}', '{"highest": 0.34, "average": 0.2}',
				'{"share_at_risk": 0.25, "threshold": 0.2}', '{"share_at_risk": 0, "threshold": 0.5}')::jsonb
			WHEN 'population_uniqueness' THEN jsonb_build_object('share', pick('0', '0.01', '0.05', '0.2')::numeric, 'population', pick('100', '1000', '100000')::int,
				'model', pick('dankar', 'pitman', 'zayatz', 'snb'))
			WHEN 'k_map' THEN jsonb_build_object('k', pick('1', '2', '4', '8')::int, 'population', 'resident')
			ELSE jsonb_build_object('population', pick('resident', 'visitor')) || pick('{"max": 0.5}', '{"max": 0.8}', '{"min": 0.3}', '{"min": 0.25, "max": 0.6}')::jsonb END);
	END LOOP;
	-- populations are named with their schema
	IF policy ? 'k_map' THEN
		policy := jsonb_set(policy, '{k_map,population}', to_jsonb((SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class WHERE oid = 'resident'::regclass)));
	END IF;
	IF policy ? 'presence' THEN
		policy := jsonb_set(policy, '{presence,population}', to_jsonb((SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class
			WHERE oid = (policy #>> '{presence,population}')::regclass)));
	END IF;
	RETURN policy;
END $$;

-- What the query of a plan releases is not what was planned.
CREATE FUNCTION release_differs(policy jsonb, planned_levels jsonb, expected outcome, query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	rows_released bigint;
	stars bigint;
	released text[];
	star boolean := policy ->> 'suppressed_rows' = 'star';
BEGIN
	EXECUTE format('SELECT count(*), count(*) FILTER (WHERE (q3, q1, q2) IS NOT DISTINCT FROM (''*'', ''*'', ''*'')),'
		' coalesce(array_agg(DISTINCT (q3, q1, q2)::text COLLATE "C") FILTER (WHERE NOT %L OR (q3, q1, q2) IS DISTINCT FROM (''*'', ''*'', ''*'')), ''{}'') FROM (%s) AS r', star, query)
	INTO rows_released, stars, released;
	IF rows_released <> (SELECT count(*) FROM patient) - (CASE WHEN star THEN 0 ELSE expected.suppressed END) THEN
		RETURN NEXT format('%s rows released, %s to be suppressed', rows_released, expected.suppressed);
	END IF;
	IF star THEN
		expected.released := array_remove(expected.released, '(*,*,*)');
	END IF;
	IF released <> expected.released THEN
		RETURN NEXT format('released %s, expected %s', released, expected.released);
	END IF;
	IF policy ? 'person' AND kiaim.plan_query('patient', policy, planned_levels, false) <> query THEN
		RETURN NEXT 'plan_query writes another query';
	END IF;
END $$;

CREATE FUNCTION differences(rounds int, seed float8) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	planned record;
	expected outcome;
	found int;
	feasible bigint;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 3 = 1 THEN
			PERFORM fill_tables();
		END IF;
		policy := random_policy();
		-- a population is not smaller than its sample
		IF (policy #>> '{population_uniqueness,population}')::int < (SELECT count(*) FROM patient) THEN
			CONTINUE;
		END IF;
		CREATE TEMP TABLE expectation ON COMMIT DROP AS SELECT * FROM feasible_nodes(policy);
		SELECT count(*) INTO feasible FROM expectation;
		found := 0;
		BEGIN
			FOR planned IN SELECT * FROM kiaim.plan('patient', policy) LOOP
				found := found + 1;
				SELECT e.* INTO expected FROM expectation AS e
				ORDER BY round(e.loss::numeric, 12), e.suppressed, (SELECT sum(level) FROM unnest(e.vector) AS level), e.vector LIMIT 1;
				IF (planned.levels, planned.suppressed, planned.classes, planned.k) IS DISTINCT FROM
					(jsonb_build_object('q3', expected.vector[1], 'q1', expected.vector[2], 'q2', expected.vector[3]), expected.suppressed, expected.classes, expected.k)
					OR NOT coalesce(abs(planned.loss - expected.loss) <= 1e-11, false) OR NOT planned.optimal THEN
					RETURN NEXT format(E'round %s: %s\n planned  %s\n expected %s', round, policy, to_jsonb(planned) - 'query', to_jsonb(expected));
				ELSE
					RETURN QUERY SELECT format(E'round %s: %s\n %s\n %s', round, policy, d, planned.query) FROM release_differs(policy, planned.levels, expected, planned.query) AS d;
				END IF;
			END LOOP;
			IF found <> least(1, feasible) THEN
				RETURN NEXT format(E'round %s: %s\n %s solutions, %s are feasible', round, policy, found, feasible);
			END IF;
		EXCEPTION WHEN no_data_found THEN
			IF feasible > 0 THEN
				RETURN NEXT format(E'round %s: %s\n no solution, but %s are feasible', round, policy, feasible);
			END IF;
		END;
		DROP TABLE expectation;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differences(150, 0.5)', '150 random policies on random tables: the plan is that of the whole lattice, and its query releases it');

SELECT * FROM finish();
ROLLBACK;
