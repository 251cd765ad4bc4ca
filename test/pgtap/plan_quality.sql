-- Every quality and aggregate of kiaim.plan against the whole lattice in plain
-- SQL: random small tables, random policies. The oracle generalizes every row
-- to every node, judges each class by definition, and scores what is feasible
-- by the formulas of doc/quality.md, record by record.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient (person int, q3 text, s text, q1 text, q2 int, q4 date, v int, id int);

-- A quasi-identifier: its place in the relation, hierarchy, height, and its leaves if it is a tree.
CREATE TABLE quasi (j int, name text, hierarchy text, height int, leaves text[]);
INSERT INTO quasi VALUES
	(1, 'q3', 'flat', 1, NULL),
	(2, 'q1', '{"*": {"A": ["a", "b"], "B": ["c", "d", "e"]}}', 2, '{a,b,c,d,e}'),
	(3, 'q2', 'bins(2, 4)', 3, NULL),
	(4, 'q4', 'calendar(month, year)', 3, NULL);

-- Every row with its label on every level of every column, and the leaves under that label; and the leaves of each column.
CREATE TABLE label (id int, j int, level int, label text, area int);
CREATE TABLE domain (j int, leaves int);

CREATE FUNCTION fill_labels() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	q quasi;
BEGIN
	TRUNCATE label, domain;
	FOR q IN SELECT * FROM quasi LOOP
		EXECUTE format('INSERT INTO domain SELECT %s, coalesce(cardinality(%L::text[]), (SELECT count(*) FROM (SELECT DISTINCT %I FROM patient) AS d))', q.j, q.leaves, q.name);
		EXECUTE format($q$
			WITH l AS (
				SELECT id, level, kiaim.generalize(%1$I, %2$L, level) AS label, kiaim.generalize(%1$I, %2$L, 0) AS leaf
				FROM patient, generate_series(0, %3$s) AS level
			), leaf AS (
				SELECT level, leaf, kiaim.generalize(leaf, %2$L, level) AS label
				FROM unnest(%4$L::text[]) AS leaf, generate_series(0, %3$s) AS level
				UNION ALL
				SELECT DISTINCT level, leaf, label FROM l WHERE %4$L::text[] IS NULL
			), under AS (
				SELECT level, label, count(*) AS n FROM leaf GROUP BY level, label
			)
			INSERT INTO label
			SELECT l.id, %5$s, l.level, l.label,
				CASE WHEN l.label = '*' THEN (SELECT leaves FROM domain WHERE j = %5$s) WHEN l.level = 0 OR l.label IS NULL THEN 1 ELSE under.n END
			FROM l LEFT JOIN under ON under.level = l.level AND under.label IS NOT DISTINCT FROM l.label
		$q$, q.name, q.hierarchy, q.height, q.leaves, q.j);
	END LOOP;
END $$;

-- What the columns' figures become; of rank, the largest. weighted: weight times figure, largest first.
CREATE FUNCTION aggregated(aggregate text, weights float8[], figures float8[], weighted float8[]) RETURNS float8
LANGUAGE sql AS $$
	SELECT CASE aggregate WHEN 'geometric' THEN exp(sum(w * ln(1 + x)) / sum(w)) - 1
		WHEN 'sum' THEN sum(w * x) WHEN 'arithmetic' THEN sum(w * x) / sum(w) ELSE weighted[1] END
	FROM unnest(weights, figures) AS column_of (w, x)
$$;

-- Every node of the lattice that is feasible, best first.
CREATE FUNCTION oracle(policy jsonb)
RETURNS TABLE (rank bigint, levels jsonb, score float8, k bigint, suppressed bigint, classes bigint, worst float8)
LANGUAGE sql AS $$
WITH RECURSIVE named AS (
	SELECT coalesce(policy #>> '{quality,model}', policy ->> 'quality', 'loss') AS quality, policy #>> '{quality,target}' AS target
), chosen AS (
	SELECT quality, target, coalesce(policy ->> 'aggregate', CASE WHEN quality LIKE '%entropy' THEN 'sum' ELSE 'arithmetic' END) AS aggregate,
		(SELECT count(*)::float8 FROM patient) AS n
	FROM named
), column_of AS (
	SELECT q.j, q.name, q.height, d.leaves, coalesce((o ->> 'weight')::float8, 1) AS weight,
		coalesce((o ->> 'min')::int, 0) AS least, coalesce((o ->> 'max')::int, q.height) AS most,
		row_number() OVER (ORDER BY q.j) AS place, count(*) OVER () AS columns
	FROM quasi AS q JOIN domain AS d USING (j) JOIN jsonb_each(policy -> 'quasi') AS p (name, o) USING (name)
), kind AS (	-- levels on which neither the number of labels nor the loss changes make the same release
	SELECT j, level, count(DISTINCT label) + bool_or(label IS NULL)::int AS labels, sum(area - 1) + sum((label IS NOT DISTINCT FROM '*' AND area = 1)::int) AS total
	FROM label GROUP BY j, level
), prefix (place, vector) AS (
	SELECT 0::bigint, '{}'::int[]
	UNION ALL
	SELECT c.place, vector || level
	FROM prefix JOIN column_of AS c ON c.place = prefix.place + 1, generate_series(c.least, c.most) AS level (level)
	WHERE NOT EXISTS (SELECT FROM kind AS a JOIN kind AS b USING (j, labels, total)
		WHERE a.j = c.j AND a.level = level.level AND b.level < a.level AND b.level >= c.least)
), node AS (
	SELECT vector FROM prefix WHERE place = (SELECT max(columns) FROM column_of)
), cell AS (		-- every row at every node in every column
	SELECT vector, l.id, c.place, c.height, c.leaves, l.level, l.label, l.area,
		CASE WHEN l.label = '*' THEN 1 WHEN c.leaves > 1 THEN (l.area - 1)::float8 / (c.leaves - 1) ELSE 0 END AS loss
	FROM node CROSS JOIN column_of AS c JOIN label AS l ON l.j = c.j AND l.level = node.vector[c.place]
), tuple AS (
	SELECT vector, id, array_agg(label ORDER BY place) AS key, sum(log(2, area::numeric))::float8 AS bits, sum(log(2, leaves::numeric))::float8 AS all_bits
	FROM cell GROUP BY vector, id
), class AS (
	SELECT vector, key, count(*) AS records,
		CASE WHEN policy ? 'person' THEN count(DISTINCT person) + bool_or(person IS NULL)::int ELSE count(*) END AS size,
		count(DISTINCT s) + bool_or(s IS NULL)::int AS l
	FROM tuple JOIN patient USING (id) GROUP BY vector, key
), closeness AS (	-- equal distance
	SELECT vector, key, (sum(abs(p - q)) + 1 - sum(q)) / 2 AS t
	FROM (SELECT vector, key, s, count(*) / sum(count(*)) OVER (PARTITION BY vector, key) AS p
		FROM tuple JOIN patient USING (id) GROUP BY vector, key, s) AS a
	JOIN (SELECT s, count(*) / sum(count(*)) OVER () AS q FROM patient GROUP BY s) AS b ON a.s IS NOT DISTINCT FROM b.s
	GROUP BY vector, key
), verdict AS (
	SELECT class.*, size >= coalesce((policy ->> 'k')::int, 1) AND l >= coalesce((policy #>> '{sensitive,s,l}')::int, 1)
		AND t <= coalesce((policy #>> '{sensitive,s,t}')::numeric, 1) + 1e-12 AS holds
	FROM class JOIN closeness USING (vector, key)
), judged AS (
	SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0)::bigint AS suppressed,
		count(*) FILTER (WHERE holds) AS classes, min(size) FILTER (WHERE holds) AS k
	FROM verdict GROUP BY vector
), judged_tuple AS (
	SELECT tuple.*, records, holds, suppressed FROM tuple JOIN verdict USING (vector, key) JOIN judged USING (vector)
), value_count AS (
	SELECT j, label, count(*)::float8 AS records FROM label WHERE level = 0 GROUP BY j, label
), information AS (	-- bits of a column's values: what "*" costs
	SELECT place, sum(records * log(2, ((SELECT n FROM chosen) / records)::numeric)::float8) AS bits FROM column_of JOIN value_count USING (j) GROUP BY place
), figure AS (		-- of each column
	SELECT vector, place, level,
		sum(CASE WHEN holds THEN loss ELSE 1 END) / count(*) AS loss,
		sum(CASE WHEN holds THEN level::float8 / height ELSE 1 END) / count(*) AS precision
	FROM cell JOIN judged_tuple USING (vector, id) GROUP BY vector, place, level
), label_count AS (
	SELECT vector, place, label, count(*)::float8 AS records, (count(*) FILTER (WHERE NOT holds))::float8 AS failing
	FROM cell JOIN judged_tuple USING (vector, id) GROUP BY vector, place, label
), bits AS (
	SELECT vector, place,
		(SELECT bits FROM information AS i WHERE i.place = c.place) - sum(records * log(2, ((SELECT n FROM chosen) / records)::numeric)::float8)
		+ coalesce(sum(failing * log(2, (suppressed / nullif(failing, 0))::numeric)::float8), 0) AS bits
	FROM label_count AS c JOIN judged USING (vector) GROUP BY vector, place
), chosen_figure AS (
	SELECT vector, place, CASE quality WHEN 'loss' THEN loss WHEN 'precision' THEN precision WHEN 'entropy' THEN b.bits
		ELSE coalesce(b.bits / nullif(i.bits, 0), 0) END AS x,
		CASE quality WHEN 'entropy' THEN i.bits WHEN 'normalized_entropy' THEN (i.bits > 0)::int ELSE 1 END AS whole
	FROM chosen, figure JOIN bits AS b USING (vector, place) JOIN information AS i USING (place)
	WHERE quality IN ('loss', 'precision', 'entropy', 'normalized_entropy')
), by_column AS (
	SELECT vector, aggregated(aggregate, array_agg(weight ORDER BY place), array_agg(x ORDER BY place), array_agg(weight * x ORDER BY weight * x DESC)) AS score,
		coalesce(nullif(aggregated(aggregate, array_agg(weight ORDER BY place), array_agg(whole::float8 ORDER BY place), array_agg(weight * whole ORDER BY weight * whole DESC)), 0), 1) AS worst,
		CASE aggregate WHEN 'rank' THEN array_agg(weight * x ORDER BY weight * x DESC) END AS ranked
	FROM chosen_figure JOIN column_of USING (place), chosen GROUP BY vector, aggregate
), original AS (	-- the distinct tuples of the source
	SELECT key, count(*) / (SELECT n FROM chosen) AS p, array_agg(id) AS ids
	FROM (SELECT id, array_agg(label ORDER BY place) AS key FROM label JOIN column_of USING (j) WHERE level = 0 GROUP BY id) AS t GROUP BY key
), divergence AS (	-- each original tuple once
	SELECT vector, sum(p * log(2, p::numeric)::float8 - p * CASE WHEN holds THEN log(2, (records / n)::numeric)::float8 - bits
		ELSE log(2, (suppressed / n)::numeric)::float8 - all_bits END) AS kl,
		max((SELECT sum(log(2, leaves::numeric))::float8 FROM column_of)) - max(source_bits) AS worst
	FROM chosen, (SELECT -sum(p * log(2, p::numeric)::float8) AS source_bits FROM original) AS source_bits, original JOIN judged_tuple ON id = ids[1] GROUP BY vector
), target_count AS (	-- of released records, by the labels of all columns but the target
	SELECT vector, sum(most) AS most
	FROM (SELECT vector, max(n) AS most
		FROM (SELECT vector, others, count(*) AS n
			FROM judged_tuple JOIN patient USING (id), chosen,
				LATERAL (SELECT array_agg(label ORDER BY place) AS others FROM unnest(key) WITH ORDINALITY AS k (label, place)
					JOIN column_of USING (place) WHERE name IS DISTINCT FROM target) AS o
			WHERE holds GROUP BY vector, others, to_jsonb(patient) ->> target) AS t GROUP BY vector, others) AS t GROUP BY vector
), by_class AS (
	SELECT vector,
		sum(CASE WHEN holds THEN records * records ELSE records * n END)::float8 AS discernibility,
		n / (count(*) FILTER (WHERE holds) + bool_or(NOT holds)::int) AS average_class_size,
		(sum(records) - coalesce(max(most), 0))::float8 / n AS classification
	FROM verdict LEFT JOIN target_count USING (vector), chosen GROUP BY vector, n
), ambiguity AS (
	SELECT vector, sum(CASE WHEN holds THEN product ELSE whole END) / n AS ambiguity
	FROM (SELECT vector, id, round(exp(sum(ln(area)))) AS product, round(exp(sum(ln(leaves)))) AS whole FROM cell GROUP BY vector, id) AS area
		JOIN judged_tuple USING (vector, id), chosen GROUP BY vector, n
), scored AS (
	SELECT vector, CASE quality WHEN 'discernibility' THEN discernibility WHEN 'average_class_size' THEN average_class_size WHEN 'classification' THEN classification
		WHEN 'ambiguity' THEN ambiguity WHEN 'kl_divergence' THEN kl ELSE by_column.score END AS score,
		CASE quality WHEN 'kl_divergence' THEN CASE WHEN divergence.worst > 0 THEN divergence.worst ELSE 1 END ELSE by_column.worst END AS worst, ranked, quality
	FROM chosen, by_class JOIN ambiguity USING (vector) JOIN divergence USING (vector) LEFT JOIN by_column USING (vector)
), keyed AS (		-- what rounding leaves of the scores
	SELECT *, CASE WHEN quality IN ('discernibility', 'average_class_size', 'classification') THEN score
		WHEN quality = 'ambiguity' THEN round(score::numeric, 11 - floor(log(score::numeric))::int)::float8
		WHEN ranked IS NULL THEN round(score / (1e-12 * worst)) END AS rounded,
		(SELECT array_agg(round(x / (1e-12 * worst)) ORDER BY place) FROM unnest(ranked) WITH ORDINALITY AS r (x, place)) AS rounded_rank
	FROM scored
)
SELECT row_number() OVER (ORDER BY rounded, rounded_rank, suppressed, (SELECT sum(level) FROM unnest(vector) AS level), vector),
	(SELECT jsonb_object_agg(name, vector[place]) FROM column_of), score, k, suppressed, classes, coalesce(worst, score)
FROM keyed JOIN judged USING (vector)
WHERE suppressed <= floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient))
$$;

-- One of some values.
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text
LANGUAGE sql AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- A random table: few values, NULLs, values outside their hierarchies (not in tidy ones), "*" itself, and persons with several rows.
CREATE FUNCTION fill_patient() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n int := 1 + floor(random() * 40);
	variety int := 2 + floor(random() * 5);
	tidy boolean := random() < 0.5;
BEGIN
	TRUNCATE patient;
	INSERT INTO patient
	SELECT nullif(floor(random() * n * 0.8)::int, 0),
		(ARRAY['x', 'y', 'w', NULL, '*'])[1 + floor(random() * CASE WHEN tidy THEN 3 ELSE 5 END)::int],
		(ARRAY['i', 'ii', 'iii', NULL])[1 + floor(random() * 4)::int],
		(ARRAY['a', 'b', 'c', 'd', 'e', 'z', NULL, '*'])[1 + floor(random() * CASE WHEN tidy THEN least(variety, 5) ELSE 8 END)::int],
		CASE WHEN tidy THEN floor(random() * variety * 1.5)::int ELSE nullif(floor(random() * variety * 1.5)::int - 1, 4) END,
		(ARRAY['2020-02-29', '2020-03-01', '2021-03-01', '2021-03-31', NULL, 'infinity'])[1 + floor(random() * CASE WHEN tidy THEN 4 ELSE 6 END)::int]::date,
		floor(random() * 3), id
	FROM generate_series(1, n) AS id;
	PERFORM fill_labels();
END $$;

CREATE FUNCTION random_policy(quality text, aggregate text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	columns jsonb := '{}';
	weights boolean := random() < 0.5;
	released text[] := '{s,v}';
	q quasi;
	wanted int := 1 + floor(random() * 3);
	least int;
	most int;
BEGIN
	FOR q IN SELECT * FROM quasi ORDER BY random() LIMIT wanted LOOP
		least := CASE WHEN random() < 0.1 THEN floor(random() * (q.height + 1)) ELSE 0 END;
		most := CASE WHEN random() < 0.1 THEN least + floor(random() * (q.height - least + 1)) ELSE q.height END;
		columns := columns || jsonb_build_object(q.name, jsonb_build_object('hierarchy', q.hierarchy, 'min', least, 'max', most,
			'weight', CASE WHEN weights THEN pick('1', '2', '0.3', '10', '1e-9', '1e9') ELSE '1' END::numeric));
		released := released || q.name;
	END LOOP;
	policy := jsonb_build_object('quasi', columns, 'keep', '["v"]'::jsonb, 'suppression', pick('0', '0', '0.1', '0.3', '1')::numeric,
		'quality', CASE quality WHEN 'classification' THEN jsonb_build_object('model', quality, 'target', pick(VARIADIC released)) ELSE to_jsonb(quality) END);
	IF aggregate IS NOT NULL THEN
		policy := policy || jsonb_build_object('aggregate', aggregate);
	END IF;
	IF random() < 0.2 THEN
		policy := policy || '{"person": "person"}';
	END IF;
	RETURN policy || '{"sensitive": {"s": {"l": 1}}}' || CASE pick('k', 'k', 'l', 't', 'all')::text
		WHEN 'k' THEN jsonb_build_object('k', pick('1', '2', '3', '5')::int)
		WHEN 'l' THEN jsonb_build_object('sensitive', jsonb_build_object('s', jsonb_build_object('l', pick('2', '3')::int)))
		WHEN 't' THEN jsonb_build_object('sensitive', jsonb_build_object('s', jsonb_build_object('t', pick('0.2', '0.3', '0.5')::numeric))) || '{"person": null}'
		ELSE '{"k": 2, "sensitive": {"s": {"l": 2, "t": 0.6}}, "person": null}' END;
END $$;

CREATE TABLE expectation (rank bigint, levels jsonb, score float8, k bigint, suppressed bigint, classes bigint, worst float8);

CREATE FUNCTION differences(quality text, aggregate text, rounds int, seed float8) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	policy jsonb;
	planned record;
	expected record;
	wanted int;
	found int;
	feasible bigint;
BEGIN
	PERFORM setseed(seed);
	FOR round IN 1 .. rounds LOOP
		IF round % 3 = 1 THEN
			PERFORM fill_patient();
		END IF;
		policy := jsonb_strip_nulls(random_policy(quality, aggregate));
		wanted := pick('1', '1', '3', '1000')::int;
		found := 0;
		DELETE FROM expectation;
		INSERT INTO expectation SELECT * FROM oracle(policy);
		SELECT count(*) INTO feasible FROM expectation;
		BEGIN
			FOR planned IN SELECT * FROM kiaim.plan('patient', policy, solutions => wanted) LOOP
				found := found + 1;
				SELECT * INTO expected FROM expectation AS e WHERE e.rank = planned.rank;
				IF (planned.levels, planned.suppressed, planned.classes, planned.k) IS DISTINCT FROM
					(expected.levels, expected.suppressed, expected.classes, expected.k)
					OR NOT coalesce(abs(planned.loss - expected.score) <= 1e-11 * greatest(abs(expected.score), abs(expected.worst)), false)
					OR NOT planned.optimal OR planned.gap <> 0 THEN
					RETURN NEXT format(E'round %s: %s\n planned  %s\n expected %s', round, policy, to_jsonb(planned) - 'query', to_jsonb(expected));
					EXIT;
				END IF;
			END LOOP;
			IF found < least(wanted, feasible) THEN
				RETURN NEXT format(E'round %s: %s\n %s solutions of %s, %s wanted', round, policy, found, feasible, wanted);
			END IF;
		EXCEPTION WHEN no_data_found THEN
			IF feasible > 0 THEN
				RETURN NEXT format(E'round %s: %s\n no solution, but %s are feasible', round, policy, feasible);
			END IF;
		END;
	END LOOP;
END $$;

SELECT is_empty(format('SELECT * FROM differences(%L, %L, 24, 0.25)', quality, aggregate), format('%s, %s: the plan is that of the whole lattice', quality, aggregate))
FROM unnest('{loss,precision,entropy,normalized_entropy}'::text[]) AS quality, unnest('{arithmetic,geometric,maximum,sum,rank}'::text[]) AS aggregate;
SELECT is_empty(format('SELECT * FROM differences(%L, NULL, 60, 0.5)', quality), format('%s: the plan is that of the whole lattice', quality))
FROM unnest('{discernibility,average_class_size,ambiguity,kl_divergence,classification}'::text[]) AS quality;

-- However early the search is stopped, what it says of the best possible score is true.
CREATE TABLE wide AS SELECT i % 2 AS a, i * 7919 % 97 AS b, i * 104729 % 53 AS c, i * 12553 % 31 AS d, i * i % 101 AS e FROM generate_series(1, 3000) AS i;
CREATE TABLE wide_policy AS
SELECT format('%s, %s', quality, aggregate) AS name, jsonb_build_object('quality', CASE quality WHEN 'classification' THEN '{"model": "classification", "target": "e"}' ELSE to_jsonb(quality) END)
	|| CASE WHEN aggregate IS NULL THEN '{}' ELSE jsonb_build_object('aggregate', aggregate) END
	|| '{"quasi": {"a": "flat", "b": "bins(5, 10, 50)", "c": "bins(5, 10, 50)", "d": "bins(5, 10)", "e": "bins(5, 10, 50)"}, "k": 4, "suppression": 0.05}' AS policy
FROM (SELECT quality, NULL AS aggregate FROM unnest('{loss,precision,entropy,normalized_entropy,discernibility,average_class_size,ambiguity,kl_divergence,classification}'::text[]) AS quality
	UNION ALL SELECT 'loss', aggregate FROM unnest('{geometric,maximum,sum,rank}'::text[]) AS aggregate) AS q;
CREATE TABLE wide_best AS SELECT name, p.* FROM wide_policy, kiaim.plan('wide', policy) AS p;
SELECT ok(optimal AND gap = 0, name || ': without a limit the optimum is proven') FROM wide_best;
SELECT ok(bool_and(p.gap >= 0 AND p.loss - p.gap <= b.loss * (1 + 1e-12) AND p.loss >= b.loss * (1 - 1e-12) AND (NOT p.optimal OR p.levels = b.levels OR p.loss <= b.loss * (1 + 1e-12))),
	name || ': stopped early, it tells a true gap')
FROM wide_policy JOIN wide_best AS b USING (name), unnest('{100 us,2 ms,5 ms,10 ms,1 min}'::interval[]) AS time_limit, kiaim.plan('wide', policy, time_limit => time_limit) AS p
GROUP BY name;

-- What has no effect is said, what cannot be scored is refused.
CREATE FUNCTION said(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN format('%s %s | %s | %s', SQLSTATE, SQLERRM, detail, hint);
END $$;
SELECT results_eq(
	$$ SELECT levels, loss, suppressed FROM kiaim.plan('wide', '{"quasi": {"a": {"hierarchy": "flat", "weight": 9}, "d": "bins(5, 10)"}, "k": 4, "quality": "average_class_size", "aggregate": "rank"}') $$,
	$$ SELECT levels, loss, suppressed FROM kiaim.plan('wide', '{"quasi": {"a": "flat", "d": "bins(5, 10)"}, "k": 4, "quality": "average_class_size"}') $$,
	'weights and aggregate have no effect on the size of classes');
SELECT format('CREATE TABLE vast AS SELECT %s FROM generate_series(1, 7) AS i', string_agg('i AS c' || c, ', ')) AS vast FROM generate_series(1, 64) AS c \gset
:vast;
INSERT INTO kiaim.named_hierarchy SELECT 'plan_quality_vast', jsonb_build_object('*', jsonb_agg(i::text))::text::kiaim.hierarchy FROM generate_series(1, 20000) AS i;
SELECT is(said(format('SELECT * FROM kiaim.plan(''vast'', %L)', jsonb_build_object('quasi', (SELECT jsonb_object_agg('c' || c, 'plan_quality_vast') FROM generate_series(1, 64) AS c), 'k', 5, 'quality', 'ambiguity'))),
	'54000 the ambiguity of the quasi-identifiers is too large | A suppressed row stands for 2^914 combinations of values, at most 2^900 are possible. | Choose another quality, such as "kl_divergence".',
	'a domain whose size is no number');

-- Eight values outside of a domain of two: "*" stands for fewer than there are, and bounds that build on disjoint labels would miss it.
CREATE TABLE outside AS SELECT i AS a, i % 2 AS b FROM generate_series(1, 8) AS i;
SELECT results_eq(
	$$ SELECT levels, loss, optimal FROM kiaim.plan('outside', '{"quasi": {"a": {"*": ["x", "y"]}, "b": "flat"}, "k": 1, "quality": "kl_divergence"}') $$,
	$$ VALUES ('{"a": 1, "b": 0}'::jsonb, -1::float8, true) $$,
	'values outside their hierarchies');

-- An empty table, one row, one value.
CREATE TABLE one_value (a text, s text);
SELECT is(loss, 0::float8, name || ' of no rows') FROM wide_policy, kiaim.plan('one_value', policy || '{"quasi": {"a": "flat"}}'
	|| CASE WHEN policy #>> '{quality,target}' IS NULL THEN '{}' ELSE '{"quality": {"model": "classification", "target": "a"}}' END::jsonb);
INSERT INTO one_value SELECT 'x', 's' FROM generate_series(1, 7);
SELECT is(ARRAY[loss, suppressed], ARRAY[CASE split_part(name, ',', 1) WHEN 'discernibility' THEN 49 WHEN 'average_class_size' THEN 7 WHEN 'ambiguity' THEN 1 ELSE 0 END, 0]::float8[], name || ' of one value')
FROM wide_policy, kiaim.plan('one_value', policy || '{"quasi": {"a": "flat"}}'
	|| CASE WHEN policy #>> '{quality,target}' IS NULL THEN '{}' ELSE '{"quality": {"model": "classification", "target": "a"}}' END::jsonb);

SELECT * FROM finish();
ROLLBACK;
