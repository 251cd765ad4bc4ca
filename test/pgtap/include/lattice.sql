-- The slow and obvious oracle of kiaim.plan, for the property tests to include: small tables, and every row of them at
-- every node of the lattice, in plain SQL. include/verdict.sql judges the classes, include/score.sql scores the nodes.

-- The columns are not in alphabetical order: the last tie is broken in the order of the relation.
CREATE TABLE patient (person int, q3 text, s text, q1 text, q2 int, u numeric, q4 date, v int, id int);
-- Two populations, 1 and 2 beside the patients' 0.
CREATE TABLE resident (q4 date, q2 int, q1 varchar, q3 text, name text, id int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE visitor (q1 text, q3 text, q2 int, q4 date, id int GENERATED ALWAYS AS IDENTITY);

-- A quasi-identifier: its place in the relation, hierarchy, height, and its leaves if it is a tree.
CREATE TABLE quasi (j int, name text, hierarchy text, height int, leaves text[]);
INSERT INTO quasi VALUES
	(1, 'q3', 'flat', 1, NULL),
	(2, 'q1', '{"*": {"A": ["a", "b"], "B": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q2', 'bins(2, 4)', 3, NULL),
	(4, 'q4', 'calendar(month, year)', 3, NULL);

-- Every row with its label on every level of every column, the leaves under that label, and what it loses; the leaves
-- of each column; and the places of the sensitive values in their order: equal as SQL has it, NULL last.
CREATE TABLE label (relation int, id int, j int, level int, label text, area int, loss float8);
CREATE TABLE domain (j int, leaves int);
CREATE TABLE place (id int, person int, c text, place int);

-- Of a table filled anew.
CREATE FUNCTION fill_labels() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	q quasi;
BEGIN
	TRUNCATE label, domain, place;
	INSERT INTO place SELECT id, person, 's', dense_rank() OVER (ORDER BY s) FROM patient
		UNION ALL SELECT id, person, 'u', dense_rank() OVER (ORDER BY u) FROM patient;
	FOR q IN SELECT * FROM quasi LOOP
		EXECUTE format('INSERT INTO domain SELECT %s, coalesce(cardinality(%L::text[]), (SELECT count(*) FROM (SELECT DISTINCT %I FROM patient) AS d))', q.j, q.leaves, q.name);
		EXECUTE format($q$
			WITH r AS (
				SELECT 0 AS relation, id, %1$I AS value FROM patient
				UNION ALL SELECT 1, id, %1$I FROM resident
				UNION ALL SELECT 2, id, %1$I FROM visitor
			), l AS (
				SELECT relation, id, level, kiaim.generalize(value, %2$L, level) AS label, kiaim.generalize(value, %2$L, 0) AS leaf
				FROM r, generate_series(0, %3$s) AS level
			), leaf AS (	-- the leaves with their labels: those of the tree, or the distinct values of the table
				SELECT level, leaf, kiaim.generalize(leaf, %2$L, level) AS label
				FROM unnest(%4$L::text[]) AS leaf, generate_series(0, %3$s) AS level
				UNION ALL
				SELECT DISTINCT level, leaf, label FROM l WHERE relation = 0 AND %4$L::text[] IS NULL
			), under AS (
				SELECT level, label, count(*) AS n FROM leaf GROUP BY level, label
			)
			INSERT INTO label
			SELECT relation, id, %5$s, level, label, area, CASE WHEN label = '*' THEN 1 WHEN leaves > 1 THEN (area - 1)::float8 / (leaves - 1) ELSE 0 END
			FROM (SELECT l.*, leaves, CASE WHEN l.label = '*' THEN leaves WHEN l.level = 0 OR l.label IS NULL THEN 1 ELSE under.n END AS area
				FROM l JOIN domain ON j = %5$s LEFT JOIN under ON under.level = l.level AND under.label IS NOT DISTINCT FROM l.label) AS a
		$q$, q.name, q.hierarchy, q.height, q.leaves, q.j);
	END LOOP;
	ANALYZE patient, label, place;
END $$;

-- The quasi-identifiers that a policy names, in the order of the relation.
CREATE FUNCTION column_of(policy jsonb)
RETURNS TABLE (place bigint, j int, name text, height int, leaves int, weight float8, lowest int, highest int)
LANGUAGE sql AS $$
	SELECT row_number() OVER (ORDER BY q.j), q.j, q.name, q.height, d.leaves, coalesce((o ->> 'weight')::float8, 1),
		coalesce((o ->> 'min')::int, 0), coalesce((o ->> 'max')::int, q.height)
	FROM quasi AS q JOIN domain AS d USING (j) JOIN jsonb_each(policy -> 'quasi') AS p (name, o) USING (name)
$$;

-- Every row at every node; a vector holds the levels in the order of the relation.
CREATE TABLE tuple (relation int, vector int[], id int, key text[], areas int[], losses float8[]);

-- Of the columns of a policy. Levels that make the same release as a lower one are no nodes; but which of two classes of
-- one size is suppressed for the sake of the whole table depends on their labels.
CREATE FUNCTION fill_tuple(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	populations int[] := ARRAY[0] || ARRAY(SELECT CASE WHEN p LIKE '%visitor' THEN 2 ELSE 1 END
		FROM (VALUES (policy #>> '{k_map,population}'), (policy #>> '{presence,population}')) AS v (p) WHERE p IS NOT NULL);
	by_label boolean := policy ?| '{average_risk,sample_uniqueness,population_uniqueness,strict_average_risk}'
		AND floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient)) > 0;
BEGIN
	TRUNCATE tuple;
	WITH RECURSIVE q AS (
		SELECT * FROM column_of(policy)
	), kind AS (	-- levels on which neither the number of labels nor the loss changes
		SELECT j, level, count(DISTINCT label) + bool_or(label IS NULL)::int AS labels, sum(CASE WHEN relation = 0 THEN loss ELSE 0 END)::numeric(12, 6) AS total
		FROM label WHERE relation = ANY (populations) GROUP BY j, level
	), prefix (place, vector) AS (
		SELECT 0::bigint, '{}'::int[]
		UNION ALL
		SELECT q.place, vector || level
		FROM prefix JOIN q ON q.place = prefix.place + 1, generate_series(q.lowest, q.highest) AS level (level)
		WHERE NOT EXISTS (SELECT FROM kind AS a JOIN kind AS b USING (j, labels, total)
			WHERE a.j = q.j AND a.level = level.level AND b.level < a.level AND b.level >= q.lowest AND NOT by_label)
	), node AS (
		SELECT vector FROM prefix WHERE place = (SELECT max(place) FROM q)
	)
	INSERT INTO tuple
	SELECT relation, vector, id, array_agg(label ORDER BY place), array_agg(area ORDER BY place), array_agg(loss ORDER BY place)
	FROM node CROSS JOIN q JOIN label AS l ON l.j = q.j AND l.level = node.vector[q.place]
	WHERE relation = ANY (populations)
	GROUP BY relation, vector, id;
	ANALYZE tuple;
END $$;

-- One of some values.
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- A table's name with its schema, as policies name populations.
CREATE FUNCTION full_name(relation regclass) RETURNS text
LANGUAGE sql AS $$ SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class WHERE oid = relation $$;

-- Random quasi-identifiers; weights are arrays of what there may be.
CREATE FUNCTION random_quasi(wanted int, bounded float8, weights text[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	columns jsonb := '{}';
	q quasi;
	least int;
	most int;
BEGIN
	FOR q IN SELECT * FROM quasi ORDER BY random() LIMIT wanted LOOP
		least := CASE WHEN random() < bounded THEN floor(random() * (q.height + 1)) ELSE 0 END;
		most := CASE WHEN random() < bounded THEN least + floor(random() * (q.height - least + 1)) ELSE q.height END;
		columns := columns || jsonb_build_object(q.name, jsonb_build_object('hierarchy', q.hierarchy, 'min', least, 'max', most, 'weight', pick(VARIADIC weights)::numeric));
	END LOOP;
	RETURN columns;
END $$;
