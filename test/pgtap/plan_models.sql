-- Every model of what must hold in a class, and mixtures of them, against the whole lattice in plain SQL: random small
-- tables and random policies. The oracle generalizes every row to every node, groups, measures each class by the
-- formula, and ranks what is feasible. The plan must find the same nodes with the same figures, its query must release
-- what was planned, kiaim.check must measure the same, and the verification of releases must accept exactly what holds.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient (person int, q2 int, s text, q1 text, u numeric, q3 text, id int);

-- A quasi-identifier: its place in the relation, hierarchy, height, and its leaves if it is a tree.
CREATE TABLE quasi (j int, name text, hierarchy text, height int, leaves text[]);
INSERT INTO quasi VALUES
	(1, 'q2', 'bins(2, 4)', 3, NULL),
	(2, 'q1', '{"*": {"A": ["a", "b"], "B": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q3', 'flat', 1, NULL);

-- Every row with its label on every level of every column and what that label costs, and with the places of its
-- sensitive values in their order: equal as SQL has it, NULL last.
CREATE TABLE label (id int, j int, level int, label text, cost float8);
CREATE TABLE place (id int, person int, c text, place int);

CREATE FUNCTION fill_patient() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 50);
	variety int := 2 + floor(random() * 4);
	values_of int := 1 + floor(random() * 4);
	crowd float8 := (ARRAY[0.2, 0.5, 0.8])[1 + floor(random() * 3)::int];
	q quasi;
BEGIN
	TRUNCATE patient, label, place;
	INSERT INTO patient
	SELECT nullif(floor(random() * n * crowd)::int, 0), nullif(floor(random() * variety * 1.5)::int - 1, 3),
		(ARRAY['i', 'ii', NULL, 'iii'])[1 + floor(random() * random() * values_of)::int],
		(ARRAY['a', 'b', 'c', 'd', NULL, 'e'])[1 + floor(random() * variety)::int],
		(ARRAY[1.0, 1.00, 2, NULL])[1 + floor(random() * 4)::int],
		(ARRAY['x', 'y', NULL])[1 + floor(random() * least(variety, 3))::int], id
	FROM generate_series(1, n) AS id;
	INSERT INTO place SELECT id, person, 's', dense_rank() OVER (ORDER BY s) FROM patient
		UNION ALL SELECT id, person, 'u', dense_rank() OVER (ORDER BY u) FROM patient;
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
END $$;

-- Every row at every node, all columns: the policies of this file name all three.
CREATE TABLE tuple (vector int[], id int, key text[], costs float8[]);
CREATE FUNCTION fill_tuple() RETURNS void LANGUAGE sql AS $$
	TRUNCATE tuple;
	INSERT INTO tuple
	SELECT ARRAY[a.level, b.level, c.level], id, ARRAY[a.label, b.label, c.label], ARRAY[a.cost, b.cost, c.cost]
	FROM label AS a JOIN label AS b USING (id) JOIN label AS c USING (id) WHERE a.j = 1 AND b.j = 2 AND c.j = 3
$$;

-- The digamma function of n / 2, by its recurrence, and G of Grassberger (2003) by its definition.
CREATE FUNCTION psi_half(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT -0.577215664901532860606512 + CASE WHEN n % 2 = 0 THEN coalesce((SELECT sum(1.0::float8 / k) FROM generate_series(1, n / 2 - 1) AS k), 0)
		ELSE -2 * ln(2::float8) + coalesce((SELECT sum(2.0::float8 / (2 * k - 1)) FROM generate_series(1, n / 2) AS k), 0) END
$$;
CREATE FUNCTION grassberger(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT psi_half(2 * n) + (-1) ^ n / 2 * (psi_half(n + 1) - psi_half(n))
$$;
CREATE TABLE grassberger AS SELECT n, grassberger(n) AS g FROM generate_series(1, 60) AS n;

-- All measures of all classes of all nodes.
CREATE FUNCTION measures(policy jsonb)
RETURNS TABLE (vector int[], key text[], records bigint, label text, wanted float8, relation text, measure float8)
LANGUAGE sql AS $$
WITH class AS (
	SELECT vector, key, count(*) AS records,
		CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS size
	FROM tuple JOIN patient USING (id) GROUP BY vector, key
), cell AS (		-- sensitive values in every class: rows, or persons with that value
	SELECT vector, key, c, place, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
	FROM tuple JOIN place USING (id) GROUP BY vector, key, c, place
), whole AS (
	SELECT c, place, n::float8 / sum(n) OVER (PARTITION BY c)::float8 AS q FROM (
		SELECT c, place, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
		FROM place GROUP BY c, place) AS w
), share AS (		-- every value of the table in every class, also those that the class lacks
	SELECT vector, key, c, place, q, coalesce(n, 0) AS n, coalesce(n, 0)::float8 / sum(n) OVER class::float8 AS p,
		row_number() OVER (PARTITION BY vector, key, c ORDER BY coalesce(n, 0) DESC) AS turn
	FROM class CROSS JOIN whole LEFT JOIN cell USING (vector, key, c, place) WINDOW class AS (PARTITION BY vector, key, c)
), carried AS (
	SELECT *, sum(p - q) OVER (PARTITION BY vector, key, c ORDER BY place) AS carry FROM share
), measure AS (
	SELECT vector, key, c, count(*) FILTER (WHERE n > 0) AS l,
		exp(-sum(p * ln(p)) FILTER (WHERE n > 0)) AS entropy,
		exp(ln(sum(n)::float8) - sum(n * g) FILTER (WHERE n > 0) / sum(n)::float8) AS grassberger,
		max(n)::float8 / nullif(sum(n) FILTER (WHERE turn >= (policy #>> ARRAY['sensitive', c, 'recursive', 'l'])::int), 0)::float8 AS recursive,
		sum(greatest(p - q, 0)) AS t, sum(abs(carry)) / greatest(count(*) - 1, 1) AS ordered,
		max(greatest((p - q) / q, 0)) AS beta, bool_or(p > q AND (p - q) / q > -ln(q) * (1 + 1e-12)) AS too_much,
		CASE WHEN bool_and(n > 0) THEN max(abs(ln(CASE WHEN n > 0 THEN p END / q) / ln(2::float8))) ELSE 'Infinity' END AS delta,
		max(p) AS alpha,
		coalesce(max(p) FILTER (WHERE place IN (SELECT x.place FROM place AS x JOIN patient USING (id) WHERE x.c = share.c AND
			CASE x.c WHEN 's' THEN s = ANY (ARRAY(SELECT jsonb_array_elements_text(policy #> '{sensitive,s,alpha,values}')))
				ELSE u = ANY (ARRAY(SELECT jsonb_array_elements_text(policy #> '{sensitive,u,alpha,values}'))::numeric[]) END)), 0) AS alpha_of
	FROM carried AS share LEFT JOIN grassberger USING (n) GROUP BY vector, key, c
), part AS (		-- classes split by one sensitive column: how many values has the other?
	SELECT vector, key, min(n) AS n FROM (
		SELECT vector, key, count(DISTINCT a.place) AS n FROM tuple JOIN place AS a USING (id) JOIN place AS b USING (id)
		WHERE a.c <> b.c GROUP BY vector, key, a.c, b.place) AS p
	GROUP BY vector, key
)
SELECT vector, key, records, 'k', (policy ->> 'k')::float8, '>=', size FROM class WHERE policy ? 'k'
UNION ALL
SELECT vector, key, records, 'multi_attribute_l', (policy ->> 'multi_attribute_l')::float8, '>=', n FROM class JOIN part USING (vector, key) WHERE policy ? 'multi_attribute_l'
UNION ALL
SELECT vector, key, records,
	CASE WHEN r.model = 'entropy_l' AND of_column ->> 'estimator' = 'grassberger' THEN 'grassberger '
		WHEN r.model = 't' AND of_column ->> 'distance' = 'ordered' THEN 'ordered ' ELSE '' END
	|| r.model || CASE r.model WHEN 'recursive' THEN format(' (c,%s)', r.value ->> 'l') ELSE '' END || ' of ' || c,
	(CASE r.model WHEN 'recursive' THEN r.value ->> 'c' WHEN 'alpha' THEN coalesce(r.value ->> 'share', r.value #>> '{}') ELSE r.value #>> '{}' END)::float8,
	CASE WHEN r.model IN ('l', 'entropy_l', 'p_sensitive') THEN '>=' WHEN r.model IN ('recursive', 'delta_disclosure') THEN '<' ELSE '<=' END,
	CASE r.model WHEN 'l' THEN l WHEN 'p_sensitive' THEN l
		WHEN 'entropy_l' THEN CASE WHEN of_column ->> 'estimator' = 'grassberger' THEN grassberger ELSE entropy END
		WHEN 'recursive' THEN coalesce(recursive, 'Infinity')
		WHEN 't' THEN CASE WHEN of_column ->> 'distance' = 'ordered' THEN ordered ELSE t END
		WHEN 'beta' THEN beta WHEN 'enhanced_beta' THEN CASE WHEN too_much THEN 'Infinity' ELSE beta END
		WHEN 'delta_disclosure' THEN delta
		WHEN 'alpha' THEN CASE jsonb_typeof(r.value) WHEN 'object' THEN alpha_of ELSE alpha END END
FROM class JOIN measure USING (vector, key) JOIN jsonb_each(policy -> 'sensitive') AS o (c, of_column) USING (c),
	jsonb_each(of_column) AS r (model, value)
WHERE r.model NOT IN ('estimator', 'distance')
$$;

CREATE FUNCTION holds(measure float8, relation text, wanted float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE relation WHEN '>=' THEN measure >= wanted * (1 - 1e-12) WHEN '<' THEN measure < wanted * (1 - 1e-12) ELSE measure <= wanted * (1 + 1e-12) END
$$;

CREATE TABLE measured (vector int[], key text[], records bigint, label text, wanted float8, relation text, measure float8);

-- Every node that is feasible, best first: loss rounded to 12 decimals, suppressed records, sum of levels, levels.
CREATE FUNCTION oracle(policy jsonb)
RETURNS TABLE (rank bigint, vector int[], levels jsonb, loss float8, suppressed bigint, classes bigint)
LANGUAGE sql AS $$
WITH verdict AS (
	SELECT vector, key, records, bool_and(holds(measure, relation, wanted)) AS holds FROM measured GROUP BY vector, key, records
), judged AS (
	SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0)::bigint AS suppressed, count(*) FILTER (WHERE holds) AS classes
	FROM verdict GROUP BY vector
), node_loss AS (
	SELECT vector, sum((SELECT sum(CASE WHEN holds THEN cost ELSE 1 END) FROM unnest(costs) AS cost)) / count(*) / 3 AS loss
	FROM tuple JOIN verdict USING (vector, key) GROUP BY vector
)
SELECT row_number() OVER (ORDER BY round(loss::numeric, 12), suppressed, (SELECT sum(level) FROM unnest(vector) AS level), vector),
	vector, jsonb_build_object('q2', vector[1], 'q1', vector[2], 'q3', vector[3]), loss, suppressed, classes
FROM node_loss JOIN judged USING (vector)
WHERE suppressed <= floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient))
$$;

-- One of some values.
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- A requirement of a model on a column.
CREATE FUNCTION random_requirement(model text, c text) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT CASE model
		WHEN 'l' THEN jsonb_build_object('l', pick('2', '3')::int)
		WHEN 'p_sensitive' THEN jsonb_build_object('p_sensitive', pick('2', '3')::int)
		WHEN 'entropy_l' THEN jsonb_build_object('entropy_l', pick('1.3', '1.7', '2.2')::numeric)
		WHEN 'grassberger' THEN jsonb_build_object('estimator', 'grassberger', 'entropy_l', pick('1.5', '2', '3', '3.6', '4')::numeric)
		WHEN 'recursive' THEN jsonb_build_object('recursive', jsonb_build_object('c', pick('1', '2', '3.5')::numeric, 'l', pick('1', '2', '3')::int))
		WHEN 't' THEN jsonb_build_object('t', pick('0.1', '0.2', '0.3', '0.5', '0.75')::numeric)
		WHEN 'ordered t' THEN jsonb_build_object('t', pick('0.05', '0.1', '0.2', '0.3')::numeric, 'distance', 'ordered')
		WHEN 'alpha' THEN jsonb_build_object('alpha', pick('0.4', '0.5', '0.6', '0.75')::numeric)
		WHEN 'alpha of' THEN jsonb_build_object('alpha', jsonb_build_object('share', pick('0.2', '0.4', '0.5')::numeric,
			'values', CASE c WHEN 's' THEN pick('["i"]', '["ii", "iii"]', '["iv"]') ELSE pick('["1"]', '["2.000", "7"]') END::jsonb))
		ELSE jsonb_build_object(model, CASE model WHEN 'delta_disclosure' THEN pick('0.3', '0.7', '1', '1.5', '3') ELSE pick('0.1', '0.3', '0.7', '1.5', '3') END::numeric)
		END
$$;

CREATE FUNCTION random_policy(model text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	models text[] := '{l,p_sensitive,entropy_l,grassberger,recursive,t,"ordered t",alpha,"alpha of",beta,enhanced_beta,delta_disclosure}';
	c text := pick('s', 's', 'u');
	policy jsonb := jsonb_build_object('quasi', (SELECT jsonb_object_agg(name, hierarchy) FROM quasi),
		'suppression', pick('0', '0', '0.1', '0.3', '0.5', '0.8')::numeric, 'suppressed_rows', pick('drop', 'drop', 'star'));
	sensitive jsonb := '{}';
BEGIN
	IF random() < 0.4 THEN
		policy := policy || '{"person": "person"}';
	END IF;
	IF model = 'multi_attribute_l' THEN
		policy := policy || jsonb_build_object('multi_attribute_l', pick('1', '2', '2', '3')::int);
		sensitive := '{"s": {}, "u": {}}';
	ELSE
		sensitive := jsonb_build_object(c, random_requirement(model, c));
	END IF;
	-- mixtures: another requirement on the column, on the other one, or on the size
	IF random() < 0.3 THEN
		sensitive := jsonb_set(sensitive, ARRAY[c], random_requirement(pick(VARIADIC models), c) || (sensitive -> c));
	END IF;
	IF random() < 0.3 THEN
		c := CASE c WHEN 's' THEN 'u' ELSE 's' END;
		sensitive := sensitive || jsonb_build_object(c, coalesce(sensitive -> c, '{}') || random_requirement(pick(VARIADIC models), c));
	END IF;
	IF random() < 0.3 THEN
		policy := policy || jsonb_build_object('k', pick('1', '2', '3')::int);
	END IF;
	RETURN policy || jsonb_build_object('sensitive', sensitive);
END $$;

-- Are two measures the same, as far as floating point goes?
CREATE FUNCTION same(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= 1e-11 * greatest(1, abs(a))
$$;

-- A node as a table: all rows, none suppressed.
CREATE FUNCTION generalize_all(levels jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE (SELECT format('CREATE TABLE released AS SELECT person, s, u, %s FROM patient',
		string_agg(format('kiaim.generalize(%I, %L, %s) AS %I', name, hierarchy, levels ->> name, name), ', ')) FROM quasi);
END $$;

-- What kiaim.check and the verification of releases say of a node without suppression is not what the oracle says.
CREATE FUNCTION measure_differs(policy jsonb, node int[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	levels jsonb := jsonb_build_object('q2', node[1], 'q1', node[2], 'q3', node[3]);
	plain jsonb := policy || '{"suppressed_rows": "drop"}';
	good boolean := (SELECT bool_and(holds(measure, relation, wanted)) FROM measured WHERE vector = node);
	accepted boolean := true;
	message text;
BEGIN
	PERFORM generalize_all(levels);
	RETURN QUERY
	WITH worst AS (
		SELECT label, CASE WHEN relation = '>=' THEN min(measure) ELSE max(measure) END AS measure, bool_and(holds(measure, relation, wanted)) AS holds
		FROM measured WHERE vector = node GROUP BY label, relation
	)
	SELECT format('check: %s is %s, holds: %s; expected %s, %s', coalesce(requirement, label), measured, c.holds, w.measure, w.holds)
	FROM worst AS w FULL JOIN kiaim.check('released', plain) AS c ON requirement = label
	WHERE NOT coalesce(same(measured, w.measure) AND c.holds = w.holds, false);
	ALTER TABLE released DROP COLUMN person;
	-- a column that the policy does not name is not released
	IF NOT policy -> 'sensitive' ? 's' THEN ALTER TABLE released DROP COLUMN s; END IF;
	IF NOT policy -> 'sensitive' ? 'u' THEN ALTER TABLE released DROP COLUMN u; END IF;
	-- with persons, the verification counts them by the query, which has lost the classes that fail
	IF NOT policy ? 'person' THEN
		BEGIN
			PERFORM kiaim.release_verify('released', 'patient', plain, levels, 0);
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			accepted := false;
			message := SQLERRM;
		END;
		IF accepted <> good THEN
			RETURN NEXT format('verification accepts: %s, expected %s %s', accepted, good, message);
		END IF;
	END IF;
	DROP TABLE released;
END $$;

-- What the query of a plan releases is not what was planned, or is not accepted with the right figures.
CREATE FUNCTION release_differs(policy jsonb, node int[], planned record) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	figures kiaim.release_log;
BEGIN
	EXECUTE 'CREATE TABLE released AS ' || planned.query;
	BEGIN
		figures := kiaim.release_verify('released', 'patient', policy, planned.levels, planned.suppressed);
		-- rows of stars that are no suppressed ones are a class of the oracle, but look like suppressed ones
		IF policy ->> 'suppressed_rows' = 'drop' OR NOT EXISTS (SELECT FROM measured WHERE vector = node AND key = '{*,*,*}') THEN
			RETURN QUERY
			WITH good AS (
				SELECT *, bool_and(holds(measure, relation, wanted)) OVER (PARTITION BY key) AS released FROM measured WHERE vector = node
			), worst AS (
				SELECT CASE WHEN label ~ '^recursive' THEN regexp_replace(label, ' \(c,\d+\)', '') ELSE label END AS label,
					CASE WHEN relation = '>=' THEN min(measure) ELSE max(measure) END AS measure
				FROM good WHERE released GROUP BY label, relation
			)
			SELECT format('measured of the release: %s is %s, expected %s', label, figures.measured -> label, measure)
			FROM worst WHERE label <> 'multi_attribute_l' AND NOT coalesce(same((figures.measured ->> label)::float8, measure), false);
		END IF;
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		RETURN NEXT 'the verification refuses what was planned: ' || SQLERRM;
	END;
	DROP TABLE released;
END $$;

CREATE FUNCTION differences(model text, rounds int) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	planned record;
	expected record;
	wanted int;
	found int;
	feasible bigint;
BEGIN
	FOR round IN 1 .. rounds LOOP
		IF round % 5 = 1 THEN
			PERFORM fill_patient(), fill_tuple();
			ANALYZE tuple, place, patient;
		END IF;
		policy := random_policy(model);
		wanted := pick('1', '2', '1000')::int;
		found := 0;
		TRUNCATE measured;
		INSERT INTO measured SELECT * FROM measures(policy);
		-- mostly just what some node needs: then a bound that is too high by one record loses it
		IF random() < 0.7 THEN
			policy := policy || jsonb_build_object('suppression', (SELECT least((n + 0.5) / (SELECT count(*) FROM patient), 1) FROM (
				SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0) AS n
				FROM (SELECT vector, key, records, bool_and(holds(measure, relation, m.wanted)) AS holds FROM measured AS m GROUP BY vector, key, records) AS v
				GROUP BY vector) AS needed ORDER BY random() LIMIT 1));
		END IF;
		CREATE TEMP TABLE expectation AS SELECT * FROM oracle(policy);
		SELECT count(*) INTO feasible FROM expectation;
		BEGIN
			FOR planned IN SELECT * FROM kiaim.plan('patient', policy, solutions => wanted) LOOP
				found := found + 1;
				SELECT * INTO expected FROM expectation AS e WHERE e.levels = planned.levels;
				IF (planned.suppressed, planned.classes) IS DISTINCT FROM (expected.suppressed, expected.classes)
					OR NOT coalesce(abs(planned.loss - expected.loss) <= 1e-11, false)
					OR planned.rank = 1 AND expected.rank <> 1 OR NOT planned.optimal OR planned.gap <> 0 THEN
					RETURN NEXT format(E'round %s: %s\n planned  %s\n expected %s', round, policy, to_jsonb(planned) - 'query', to_jsonb(expected));
				END IF;
				IF planned.rank = 1 THEN
					RETURN QUERY SELECT format(E'round %s: %s at %s\n %s', round, policy, planned.levels, d) FROM release_differs(policy, expected.vector, planned) AS d;
				END IF;
			END LOOP;
			IF found = 0 OR wanted = 1 AND found <> 1 THEN
				RETURN NEXT format(E'round %s: %s\n %s solutions of %s, %s wanted', round, policy, found, feasible, wanted);
			END IF;
		EXCEPTION WHEN no_data_found THEN
			IF feasible > 0 THEN
				RETURN NEXT format(E'round %s: %s\n no solution, but %s are feasible', round, policy, feasible);
			END IF;
		END;
		RETURN QUERY SELECT format(E'round %s: %s at %s\n %s', round, policy, node.vector, d)
			FROM (SELECT vector FROM measured GROUP BY vector ORDER BY random() LIMIT 1) AS node, measure_differs(policy, node.vector) AS d;
		DROP TABLE expectation;
	END LOOP;
END $$;

SELECT setseed(0.33) \g /dev/null
SELECT is_empty(format('SELECT * FROM differences(%L, 40)', model), '40 random policies with ' || model)
FROM unnest('{l,p_sensitive,entropy_l,grassberger,recursive,t,"ordered t",alpha,"alpha of",beta,enhanced_beta,delta_disclosure,multi_attribute_l}'::text[]) AS model;

-- What can be kept of a class that fails is not underestimated by one record: at q1 alone, each class has 8 of the one
-- value and 4 of the other, of which 10 can be kept, and split by q2, 10 are.
CREATE TABLE tight AS
SELECT q1, q2, s FROM (VALUES (1, 'x', 'a', 6), (1, 'x', 'b', 4), (1, 'y', 'a', 2), (2, 'x', 'b', 6), (2, 'x', 'a', 4), (2, 'y', 'b', 2)) AS v (q1, q2, s, n), generate_series(1, n);
SELECT results_eq(format('SELECT levels, suppressed, optimal FROM kiaim.plan(''tight'', %L)', jsonb_build_object(
		'quasi', '{"q1": {"hierarchy": "flat", "weight": 5}, "q2": {"hierarchy": "flat", "weight": 2}}'::jsonb, 'suppression', 0.17, 'sensitive', jsonb_build_object('s', r))),
	$$ VALUES ('{"q1": 0, "q2": 0}'::jsonb, 4::bigint, true) $$, 'a bound that is met: ' || r::text)
FROM unnest(ARRAY['{"t": 0.1}', '{"t": 0.1, "distance": "ordered"}', '{"t": 0.1, "distance": "hierarchical", "hierarchy": "flat"}', '{"alpha": 0.6}',
	'{"alpha": {"share": 0.6, "values": ["a", "b"]}}', '{"beta": 0.2}', '{"enhanced_beta": 0.2}', '{"delta_disclosure": 0.33}', '{"recursive": {"c": 1.6, "l": 2}}']::jsonb[]) AS r;

-- A target column that is not sensitive takes no part in the combinations: each p has one s and one u.
CREATE TABLE target AS SELECT * FROM (VALUES ('f', 'x', 'i', 1), ('f', 'x', 'ii', 2), ('f', 'y', 'i', 3), ('f', 'y', 'ii', 4)) AS v (sex, s, u, p);
SELECT results_eq($$ SELECT levels, suppressed FROM kiaim.plan('target', '{"quasi": {"sex": "flat"}, "sensitive": {"s": {}, "u": {}}, "keep": ["p"], "multi_attribute_l": 2,
	"quality": {"model": "classification", "target": "p"}}') $$, $$ VALUES ('{"sex": 0}'::jsonb, 0::bigint) $$, 'what the quality looks at joins no combination');

-- Columns of different collations in one window.
CREATE TABLE collated AS SELECT 'q' AS q, a COLLATE "C" AS a, b COLLATE "POSIX" AS b, 1 AS n FROM unnest('{x,y}'::text[]) AS a, unnest('{x,y}'::text[]) AS b;
SELECT query FROM kiaim.plan('collated', '{"quasi": {"q": "flat"}, "sensitive": {"a": {"t": 0.5, "l": 2}, "b": {}, "n": {}}, "multi_attribute_l": 1}') \gset
SELECT is(count(*), 4::bigint, 'the query combines columns of different collations') FROM (:query) AS released;

SELECT * FROM finish();
ROLLBACK;
