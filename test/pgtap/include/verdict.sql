-- Which classes of each node hold, by the formulas of every privacy model; after include/lattice.sql.

-- The digamma function of n / 2, by its recurrence, and G of Grassberger (2003) by its definition.
CREATE FUNCTION psi_half(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT -0.577215664901532860606512 + CASE WHEN n % 2 = 0 THEN coalesce((SELECT sum(1.0::float8 / k) FROM generate_series(1, n / 2 - 1) AS k), 0)
		ELSE -2 * ln(2::float8) + coalesce((SELECT sum(2.0::float8 / (2 * k - 1)) FROM generate_series(1, n / 2) AS k), 0) END
$$;
CREATE FUNCTION grassberger(n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT psi_half(2 * n) + (-1) ^ n / 2 * (psi_half(n + 1) - psi_half(n))
$$;
CREATE TABLE grassberger AS SELECT n, grassberger(n) AS g FROM generate_series(1, 60) AS n;

-- The classes of all nodes, and what is measured of them.
CREATE TABLE class (vector int[], key text[], number bigint, records bigint, size bigint, holds boolean, turn bigint);
CREATE TABLE member (number bigint, id int);
CREATE TABLE measured (vector int[], key text[], label text, wanted float8, relation text, measure float8);

CREATE FUNCTION holds(measure float8, relation text, wanted float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE relation WHEN '>=' THEN measure >= wanted * (1 - 1e-12) WHEN '<' THEN measure < wanted * (1 - 1e-12) ELSE measure <= wanted * (1 + 1e-12) END
$$;

-- The requirements on the sensitive columns, measured in every class.
CREATE FUNCTION fill_measured(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	WITH cell AS (		-- sensitive values in every class: rows, or persons with that value
		SELECT number, c, place, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
		FROM member JOIN place USING (id) WHERE policy -> 'sensitive' ? c GROUP BY number, c, place.place
	), whole AS (
		SELECT w.c, w.place, n::float8 / sum(n) OVER (PARTITION BY w.c)::float8 AS q FROM (
			SELECT c, place.place, CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS n
			FROM place WHERE policy -> 'sensitive' ? c GROUP BY c, place.place) AS w
	), share AS (		-- every value of the table in every class, also those that the class lacks
		SELECT number, c, whole.place, q, coalesce(n, 0) AS n, coalesce(n, 0)::float8 / sum(n) OVER class::float8 AS p,
			row_number() OVER (PARTITION BY number, c ORDER BY coalesce(n, 0) DESC) AS turn
		FROM (SELECT number FROM class) AS k CROSS JOIN whole LEFT JOIN cell USING (number, c, place) WINDOW class AS (PARTITION BY number, c)
	), carried AS (
		SELECT *, sum(p - q) OVER (PARTITION BY number, c ORDER BY share.place) AS carry FROM share
	), named AS (		-- by alpha
		SELECT DISTINCT p.c, p.place, true AS named FROM place AS p JOIN patient USING (id)
		WHERE CASE p.c WHEN 's' THEN s = ANY (ARRAY(SELECT jsonb_array_elements_text(policy #> '{sensitive,s,alpha,values}')))
			ELSE u = ANY (ARRAY(SELECT jsonb_array_elements_text(policy #> '{sensitive,u,alpha,values}'))::numeric[]) END
	), branch AS (		-- on level 1 of the hierarchy of s, {i, ii}, {iii} and NULL
		SELECT DISTINCT p.c, p.place, coalesce(CASE WHEN s IN ('i', 'ii') THEN 1 ELSE 2 + (s IS NULL)::int END, 0) AS branch FROM place AS p JOIN patient USING (id) WHERE p.c = 's'
	), branched AS (
		SELECT number, c, sum(greatest(d, 0)) AS t FROM (
			SELECT number, c, branch, sum(p - q) AS d FROM share JOIN branch USING (c, place) GROUP BY number, c, branch) AS b
		GROUP BY number, c
	), measure AS (
		SELECT number, c, count(*) FILTER (WHERE n > 0) AS l,
			exp(-sum(p * ln(p)) FILTER (WHERE n > 0)) AS entropy,
			exp(ln(sum(n)::float8) - sum(n * g) FILTER (WHERE n > 0) / sum(n)::float8) AS grassberger,
			max(n)::float8 / nullif(sum(n) FILTER (WHERE turn >= (policy #>> ARRAY['sensitive', c, 'recursive', 'l'])::int), 0)::float8 AS recursive,
			sum(greatest(p - q, 0)) AS t, sum(abs(carry)) / greatest(count(*) - 1, 1) AS ordered,
			max(greatest((p - q) / q, 0)) AS beta, bool_or(p > q AND (p - q) / q > -ln(q) * (1 + 1e-12)) AS too_much,
			CASE WHEN bool_and(n > 0) THEN max(abs(ln(CASE WHEN n > 0 THEN p END / q) / ln(2::float8))) ELSE 'Infinity' END AS delta,
			max(p) AS alpha,
			coalesce(max(p) FILTER (WHERE named), 0) AS alpha_of
		FROM carried AS share LEFT JOIN grassberger USING (n) LEFT JOIN named USING (c, place) GROUP BY number, c
	)
	INSERT INTO measured
	SELECT vector, key,
		CASE WHEN r.model = 'entropy_l' AND of_column ->> 'estimator' = 'grassberger' THEN 'grassberger '
			WHEN r.model = 't' AND of_column ->> 'distance' <> 'equal' THEN (of_column ->> 'distance') || ' ' ELSE '' END
		|| r.model || CASE r.model WHEN 'recursive' THEN format(' (c,%s)', r.value ->> 'l') ELSE '' END || ' of ' || c,
		(CASE r.model WHEN 'recursive' THEN r.value ->> 'c' WHEN 'alpha' THEN coalesce(r.value ->> 'share', r.value #>> '{}') ELSE r.value #>> '{}' END)::float8,
		CASE WHEN r.model IN ('l', 'entropy_l', 'p_sensitive') THEN '>=' WHEN r.model IN ('recursive', 'delta_disclosure') THEN '<' ELSE '<=' END,
		CASE r.model WHEN 'l' THEN l WHEN 'p_sensitive' THEN l
			WHEN 'entropy_l' THEN CASE WHEN of_column ->> 'estimator' = 'grassberger' THEN grassberger ELSE entropy END
			WHEN 'recursive' THEN coalesce(recursive, 'Infinity')
			WHEN 't' THEN CASE of_column ->> 'distance' WHEN 'ordered' THEN ordered WHEN 'hierarchical' THEN (measure.t + branched.t) / 2 ELSE measure.t END
			WHEN 'beta' THEN beta WHEN 'enhanced_beta' THEN CASE WHEN too_much THEN 'Infinity' ELSE beta END
			WHEN 'delta_disclosure' THEN delta
			WHEN 'alpha' THEN CASE jsonb_typeof(r.value) WHEN 'object' THEN alpha_of ELSE alpha END END
	FROM measure LEFT JOIN branched USING (number, c) JOIN class USING (number) JOIN jsonb_each(policy -> 'sensitive') AS o (c, of_column) USING (c),
		jsonb_each(of_column) AS r (model, value)
	WHERE r.model NOT IN ('estimator', 'distance', 'hierarchy');
END $$;

-- Those that ask how many rows there are: in a class, in its parts, or beside it.
CREATE FUNCTION fill_counted(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO measured SELECT vector, key, 'k', (policy ->> 'k')::float8, '>=', size FROM class WHERE policy ? 'k';
	INSERT INTO measured SELECT vector, key, 'highest_risk', (policy #>> '{strict_average_risk,highest}')::float8, '<=', 1 / size::float8
		FROM class WHERE policy #> '{strict_average_risk}' ? 'highest';
	IF policy ? 'multi_attribute_l' THEN	-- classes split by one sensitive column: how many values has the other?
		INSERT INTO measured
		SELECT vector, key, 'multi_attribute_l', (policy ->> 'multi_attribute_l')::float8, '>=', min(n) FROM (
			SELECT number, count(DISTINCT a.place) AS n FROM member JOIN place AS a USING (id) JOIN place AS b USING (id)
			WHERE a.c <> b.c GROUP BY number, a.c, b.place) AS p JOIN class USING (number)
		GROUP BY vector, key;
	END IF;
	IF policy ? 'k_map' OR policy ? 'presence' THEN
		WITH beside AS (
			SELECT relation, vector, key, count(*) AS n FROM tuple GROUP BY relation, vector, key
		), r (label, wanted, relation, population) AS (VALUES
			('k_map', (policy #>> '{k_map,k}')::float8, '>=', policy #>> '{k_map,population}'),
			('presence', (policy #>> '{presence,max}')::float8, '<=', policy #>> '{presence,population}'),
			('presence_min', (policy #>> '{presence,min}')::float8, '>=', policy #>> '{presence,population}')
		)
		INSERT INTO measured
		SELECT c.vector, c.key, r.label, wanted, r.relation, CASE WHEN r.label = 'k_map' THEN coalesce(n, 0) ELSE size / n::float8 END
		FROM r CROSS JOIN class AS c LEFT JOIN beside AS b ON b.relation = CASE WHEN r.population LIKE '%visitor' THEN 2 ELSE 1 END AND b.vector = c.vector AND b.key = c.key
		WHERE wanted IS NOT NULL;
	END IF;
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

-- Suppress the smallest classes until what is required of the table as a whole holds; a node where it cannot is none.
CREATE FUNCTION suppress_for_table(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	rows_of_table bigint := (SELECT count(*) FROM patient);
	most bigint := floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient));
	node int[];
	sizes bigint[];
	records bigint[];
	failing bigint;
	low int;
	high int;
	middle int;
BEGIN
	-- by size, then by the losses of the trees' labels where classes differ in them, then by the labels
	WITH l AS (
		SELECT DISTINCT t.vector, t.key, (SELECT sum(t.losses[place]) FROM column_of(policy) JOIN quasi AS q USING (j)
			WHERE q.leaves IS NOT NULL AND t.vector[place] > 0 AND t.vector[place] < q.height) AS loss
		FROM tuple AS t WHERE t.relation = 0
	), o AS (
		SELECT vector, key, row_number() OVER (PARTITION BY vector ORDER BY size, loss, key[1] COLLATE "C", key[2] COLLATE "C", key[3] COLLATE "C", key[4] COLLATE "C") AS turn
		FROM class JOIN l USING (vector, key) WHERE holds
	)
	UPDATE class SET turn = o.turn FROM o WHERE (class.vector, class.key) = (o.vector, o.key);

	FOR node, sizes, records, failing IN
		SELECT vector, coalesce(array_agg(c.size ORDER BY turn) FILTER (WHERE holds), '{}'), coalesce(array_agg(c.records ORDER BY turn) FILTER (WHERE holds), '{}'),
			rows_of_table - coalesce(sum(c.records) FILTER (WHERE holds), 0)
		FROM class AS c GROUP BY vector
	LOOP
		-- the shortest prefix without which the means hold
		low := 0;
		WHILE NOT means_hold(policy, sizes[low + 1:], records[low + 1:]) LOOP
			low := low + 1;
		END LOOP;
		-- and by halving one at whose end the estimate begins to hold
		IF NOT estimate_holds(policy, sizes[low + 1:]) THEN
			high := low;
			WHILE high < cardinality(sizes) AND failing + (SELECT sum(r) FROM unnest(records[:high + 1]) AS r) <= most LOOP
				high := high + 1;
			END LOOP;
			IF high = low OR NOT estimate_holds(policy, sizes[high + 1:]) THEN
				DELETE FROM class WHERE vector = node;
				CONTINUE;
			END IF;
			WHILE high - low > 1 LOOP
				middle := low + (high - low) / 2;
				IF estimate_holds(policy, sizes[middle + 1:]) THEN
					high := middle;
				ELSE
					low := middle;
				END IF;
			END LOOP;
			low := high;
		END IF;
		UPDATE class SET holds = false WHERE vector = node AND turn <= low;
	END LOOP;
END $$;

-- Judge all classes of all nodes, whose rows are in tuple.
CREATE FUNCTION fill_class(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE class, member, measured;
	INSERT INTO class
	SELECT vector, key, row_number() OVER (), count(*), CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END, true
	FROM tuple JOIN patient USING (id) WHERE relation = 0 GROUP BY vector, key;
	INSERT INTO member SELECT number, id FROM tuple JOIN class USING (vector, key) WHERE relation = 0;
	ANALYZE class, member;
	IF policy ? 'sensitive' THEN
		PERFORM fill_measured(policy);
	END IF;
	PERFORM fill_counted(policy);
	UPDATE class SET holds = false FROM measured AS m
	WHERE (class.vector, class.key) = (m.vector, m.key) AND NOT coalesce(holds(measure, relation, wanted), false);
	IF policy ?| '{average_risk,sample_uniqueness,population_uniqueness,strict_average_risk}' THEN
		PERFORM suppress_for_table(policy);
	END IF;
END $$;

-- A requirement of a model on a sensitive column.
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
		WHEN 'hierarchical t' THEN jsonb_build_object('t', pick('0.05', '0.1', '0.2', '0.3', '0.5')::numeric)
			|| CASE c WHEN 's' THEN '{"distance": "hierarchical", "hierarchy": {"*": {"A": ["i", "ii"], "B": ["iii"]}}}' ELSE '{}' END::jsonb
		WHEN 'alpha' THEN jsonb_build_object('alpha', pick('0.4', '0.5', '0.6', '0.75')::numeric)
		WHEN 'alpha of' THEN jsonb_build_object('alpha', jsonb_build_object('share', pick('0.2', '0.4', '0.5')::numeric,
			'values', CASE c WHEN 's' THEN pick('["i"]', '["ii", "iii"]', '["iv"]') ELSE pick('["1"]', '["2.000", "7"]') END::jsonb))
		ELSE jsonb_build_object(model, CASE model WHEN 'delta_disclosure' THEN pick('0.3', '0.7', '1', '1.5', '3') ELSE pick('0.1', '0.3', '0.7', '1.5', '3') END::numeric)
		END
$$;

-- One on the table as a whole or beside a population.
CREATE FUNCTION random_table_requirement(model text) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object(model, CASE model
		WHEN 'average_risk' THEN pick('0.05', '0.1', '0.2', '0.25', '0.5')::jsonb
		WHEN 'sample_uniqueness' THEN pick('0', '0.05', '0.1', '0.25')::jsonb
		WHEN 'strict_average_risk' THEN pick('{"average": 0.3, "highest": 0.5, "share_at_risk": 0.2, "threshold": 0.3}', '{"highest": 0.34, "average": 0.2}',
			'{"share_at_risk": 0.25, "threshold": 0.2}', '{"share_at_risk": 0, "threshold": 0.5}')::jsonb
		WHEN 'population_uniqueness' THEN jsonb_build_object('share', pick('0', '0.01', '0.05', '0.2')::numeric, 'population', pick('100', '1000', '100000')::int,
			'model', pick('dankar', 'pitman', 'zayatz', 'snb'))
		WHEN 'k_map' THEN jsonb_build_object('k', pick('1', '2', '4', '8')::int, 'population', full_name('resident'))
		ELSE jsonb_build_object('population', full_name(pick('resident', 'visitor')::regclass)) || pick('{"max": 0.5}', '{"max": 0.8}', '{"min": 0.3}', '{"min": 0.25, "max": 0.6}')::jsonb END)
$$;
