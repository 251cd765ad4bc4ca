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

\ir include/lattice.sql
\ir include/verdict.sql
\ir include/score.sql

-- Two trees whose inner labels do not sort as their leaves do, and a computed hierarchy whose leaves are the values of the table.
TRUNCATE quasi;
INSERT INTO quasi VALUES
	(1, 'q3', '{"*": {"X": {"XA": ["x", "y"], "XB": ["w"]}, "V": {"VA": ["v", "u", "t"]}}}', 3, '{x,y,w,v,u,t}'),
	(2, 'q1', '{"*": {"B": ["a", "b"], "A": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q2', 'bins(2, 4)', 3, NULL);

-- A random table, and two populations of it: residents are its rows and more, visitors may lack some.
CREATE FUNCTION fill_tables() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 60);
	variety int := 2 + floor(random() * 5);
	crowd float8 := pick('0.1', '0.4', '0.8');
BEGIN
	TRUNCATE patient, resident, visitor;
	INSERT INTO patient (person, q3, s, q1, q2, id)
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
		policy := policy || random_table_requirement(what);
	END LOOP;
	RETURN policy;
END $$;

-- What the query of a plan releases is not what was planned.
CREATE FUNCTION release_differs(policy jsonb) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	planned record;
	rows_released bigint;
	released text[];
	expected text[];
	star boolean := policy ->> 'suppressed_rows' = 'star';
BEGIN
	IF NOT EXISTS (SELECT FROM expectation) THEN
		RETURN;
	END IF;
	SELECT * INTO planned FROM kiaim.plan('patient', policy);
	EXECUTE format('SELECT count(*), coalesce(array_agg(DISTINCT (q3, q1, q2)::text COLLATE "C") FILTER (WHERE NOT %L OR (q3, q1, q2) IS DISTINCT FROM (''*'', ''*'', ''*'')), ''{}'') FROM (%s) AS r',
		star, planned.query) INTO rows_released, released;
	IF rows_released <> (SELECT count(*) FROM patient) - (CASE WHEN star THEN 0 ELSE planned.suppressed END) THEN
		RETURN NEXT format('%s rows released, %s to be suppressed', rows_released, planned.suppressed);
	END IF;
	expected := ARRAY(SELECT labels FROM class JOIN expectation USING (vector), LATERAL (SELECT (key[1], key[2], key[3])::text) AS l (labels)
		WHERE rank = 1 AND holds AND NOT (star AND key = '{*,*,*}') ORDER BY labels COLLATE "C");
	IF released <> expected THEN
		RETURN NEXT format('released %s, expected %s', released, expected);
	END IF;
	IF policy ? 'person' AND kiaim.plan_query('patient', policy, planned.levels, false) <> planned.query THEN
		RETURN NEXT 'plan_query writes another query';
	END IF;
END $$;

CREATE FUNCTION differences(rounds int, seed float8) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 3 = 1 THEN
			PERFORM fill_tables();
		END IF;
		policy := random_policy();
		-- a population is not smaller than its sample
		CONTINUE WHEN (policy #>> '{population_uniqueness,population}')::int < (SELECT count(*) FROM patient);
		PERFORM fill_tuple(policy), fill_class(policy), fill_node(), fill_figure(policy);
		RETURN QUERY SELECT format(E'round %s: %s\n %s', round, policy, d) FROM plan_differs(policy, pick('1', '3')::int) AS d;
		RETURN QUERY SELECT format(E'round %s: %s\n %s', round, policy, d) FROM release_differs(policy) AS d;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differences(100, 0.5)', '100 random policies on random tables: the plan is that of the whole lattice, and its query releases it');

SELECT * FROM finish();
ROLLBACK;
