-- The score of every node under every quality, by the formulas of doc/quality.md, record by record; after include/verdict.sql.

-- What the columns' figures become; of rank, the largest. weighted: weight times figure, largest first.
CREATE FUNCTION aggregated(aggregate text, weights float8[], figures float8[], weighted float8[]) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE aggregate WHEN 'geometric' THEN 2 * sinh(sum(w * ln(1 + x)) / sum(w) / 2) * exp(sum(w * ln(1 + x)) / sum(w) / 2)	-- e^y - 1, without cancellation
		WHEN 'sum' THEN sum(w * x) WHEN 'arithmetic' THEN sum(w * x) / sum(w) ELSE weighted[1] END
	FROM unnest(weights, figures) AS column_of (w, x)
$$;

-- Figures of nodes, of their columns, and scores that are no aggregate of columns with what they are at worst.
CREATE TABLE node (vector int[], suppressed bigint, classes bigint, k bigint);
CREATE TABLE figure (vector int[], place bigint, quality text, figure float8, worst float8);
CREATE TABLE whole_score (vector int[], quality text, score float8, worst float8);

-- The nodes, whose classes are judged.
CREATE FUNCTION fill_node() RETURNS void LANGUAGE sql AS $$
	TRUNCATE node;
	INSERT INTO node
	SELECT vector, coalesce(sum(records) FILTER (WHERE NOT holds), 0)::bigint, count(*) FILTER (WHERE holds), min(size) FILTER (WHERE holds) FROM class GROUP BY vector
$$;

CREATE FUNCTION bits(x float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT log(2, x::numeric)::float8 $$;

-- Loss and precision of the columns.
CREATE FUNCTION fill_figure(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE figure;
	INSERT INTO figure
	SELECT vector, c.place, u.quality, u.x / n, 1
	FROM (SELECT vector, place, sum(CASE WHEN holds THEN loss ELSE 1 END) AS loss, count(*) FILTER (WHERE holds) AS released, count(*) AS n
		FROM tuple JOIN class USING (vector, key), unnest(losses) WITH ORDINALITY AS l (loss, place) WHERE relation = 0 GROUP BY vector, place) AS f
		JOIN column_of(policy) AS c USING (place), LATERAL (VALUES ('loss', loss), ('precision', released * vector[c.place]::float8 / height + n - released)) AS u (quality, x);
END $$;

-- Their entropies: what "*" costs, less what is left; and with the suppressed records' labels among each other.
CREATE FUNCTION fill_entropy(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n float8 := (SELECT count(*) FROM patient);
BEGIN
	WITH information AS (
		SELECT place, sum(records * bits(n / records)) AS bits
		FROM column_of(policy) JOIN (SELECT j, label, count(*)::float8 AS records FROM label WHERE relation = 0 AND level = 0 GROUP BY j, label) AS v USING (j) GROUP BY place
	), label_count AS (
		SELECT vector, place, label, count(*)::float8 AS records, (count(*) FILTER (WHERE NOT holds))::float8 AS failing
		FROM tuple JOIN class USING (vector, key), unnest(key) WITH ORDINALITY AS l (label, place) WHERE relation = 0 GROUP BY vector, place, label
	), lost AS (
		SELECT vector, place, i.bits - sum(records * bits(n / records)) + coalesce(sum(failing * bits(suppressed / nullif(failing, 0))), 0) AS bits, i.bits AS most
		FROM label_count JOIN node USING (vector) JOIN information AS i USING (place) GROUP BY vector, place, i.bits
	)
	INSERT INTO figure
	SELECT vector, place, quality, x, worst
	FROM lost, LATERAL (VALUES ('entropy', bits, most), ('normalized_entropy', coalesce(bits / nullif(most, 0), 0), (most > 0)::int)) AS u (quality, x, worst);
END $$;

-- Scores by class.
CREATE FUNCTION fill_whole_score(policy jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	n float8 := (SELECT count(*) FROM patient);
	all_bits float8 := (SELECT sum(bits(leaves)) FROM column_of(policy));
	everything float8 := (SELECT round(exp(sum(ln(leaves)))) FROM column_of(policy));
BEGIN
	TRUNCATE whole_score;
	INSERT INTO whole_score (vector, quality, score)
	SELECT vector, 'discernibility', sum(CASE WHEN holds THEN records * records ELSE records * n END)::float8 FROM class GROUP BY vector
	UNION ALL
	SELECT vector, 'average_class_size', n / (count(*) FILTER (WHERE holds) + bool_or(NOT holds)::int) FROM class GROUP BY vector
	UNION ALL
	SELECT vector, 'ambiguity', sum(CASE WHEN holds THEN (SELECT round(exp(sum(ln(area)))) FROM unnest(areas) AS area) ELSE everything END) / n
	FROM tuple JOIN class USING (vector, key) WHERE relation = 0 GROUP BY vector;

	-- each original tuple once
	WITH original AS (
		SELECT count(*) / n AS p, min(id) AS id
		FROM (SELECT id, array_agg(label ORDER BY place) AS key FROM label JOIN column_of(policy) USING (j) WHERE relation = 0 AND level = 0 GROUP BY id) AS t GROUP BY key
	), divergence AS (
		SELECT vector, sum(p * bits(p) - p * CASE WHEN holds THEN bits(records / n) - (SELECT sum(bits(area)) FROM unnest(areas) AS area)
			ELSE bits(suppressed / n) - all_bits END) AS score
		FROM original JOIN tuple USING (id) JOIN class USING (vector, key) JOIN node USING (vector) WHERE relation = 0 GROUP BY vector
	)
	INSERT INTO whole_score
	SELECT vector, 'kl_divergence', score, CASE WHEN worst > 1e-12 THEN worst ELSE 1 END FROM divergence, (SELECT all_bits + sum(p * bits(p)) AS worst FROM original) AS w;
END $$;

-- Records that are not of the most frequent value of the target among those with their labels of the other columns.
CREATE FUNCTION classification(policy jsonb, target text) RETURNS TABLE (vector int[], quality text, score float8, worst float8)
LANGUAGE sql AS $$
	WITH count AS (
		SELECT vector, others, count(*) AS n
		FROM tuple AS t JOIN class USING (vector, key) JOIN patient USING (id),
			LATERAL (SELECT array_agg(label ORDER BY place) AS others FROM unnest(t.key) WITH ORDINALITY AS k (label, place) JOIN column_of(policy) USING (place) WHERE name <> target) AS o
		WHERE relation = 0 AND holds GROUP BY vector, others, CASE target WHEN 'u' THEN trim_scale(u)::text ELSE to_jsonb(patient) ->> target END
	), best AS (
		SELECT vector, sum(most) AS most FROM (SELECT vector, max(n) AS most FROM count GROUP BY vector, others) AS m GROUP BY vector
	)
	SELECT vector, 'classification', 1 - coalesce(most, 0)::float8 / (SELECT count(*) FROM patient), NULL::float8 FROM node LEFT JOIN best USING (vector)
$$;

-- Every node that is feasible, best first: the score, with what rounding leaves of it, suppressed records, sum of
-- levels, levels. What a policy does not change since the tables were filled are its columns and what it requires.
CREATE FUNCTION ranked(policy jsonb)
RETURNS TABLE (rank bigint, vector int[], levels jsonb, score float8, k bigint, suppressed bigint, classes bigint, worst float8)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	wanted text := coalesce(policy #>> '{quality,model}', policy ->> 'quality', 'loss');
	aggregate text := coalesce(policy ->> 'aggregate', CASE WHEN wanted LIKE '%entropy' THEN 'sum' ELSE 'arithmetic' END);
BEGIN
	RETURN QUERY
	WITH by_column AS (
		SELECT vector, quality, aggregated(aggregate, array_agg(weight ORDER BY place), array_agg(figure ORDER BY place), array_agg(weight * figure ORDER BY weight * figure DESC)) AS score,
			coalesce(nullif(aggregated(aggregate, array_agg(weight ORDER BY place), array_agg(worst ORDER BY place), array_agg(weight * worst ORDER BY weight * worst DESC)), 0), 1) AS worst,
			CASE aggregate WHEN 'rank' THEN array_agg(weight * figure ORDER BY weight * figure DESC) END AS by_rank
		FROM figure JOIN column_of(policy) USING (place) WHERE quality = wanted GROUP BY vector, quality
	), scored AS (
		SELECT * FROM by_column
		UNION ALL
		SELECT *, NULL FROM whole_score WHERE quality = wanted
		UNION ALL
		SELECT *, NULL FROM classification(policy, policy #>> '{quality,target}') WHERE wanted = 'classification'
	), keyed AS (
		SELECT *, CASE WHEN wanted IN ('discernibility', 'average_class_size', 'classification') THEN score
			WHEN wanted = 'ambiguity' THEN round(score::numeric, 11 - floor(log(score::numeric))::int)::float8
			-- a sum of terms that cancel out is no more exact than they are
			WHEN wanted = 'kl_divergence' THEN round(score / greatest(1e-12 * worst, 1e-13))
			WHEN by_rank IS NULL THEN round(score / (1e-12 * worst)) END AS rounded,
			(SELECT array_agg(round(x / (1e-12 * worst)) ORDER BY place) FROM unnest(by_rank) WITH ORDINALITY AS r (x, place)) AS rounded_ranks
		FROM scored
	)
	SELECT row_number() OVER (ORDER BY rounded, rounded_ranks, suppressed, (SELECT sum(level) FROM unnest(vector) AS level), vector),
		vector, (SELECT jsonb_object_agg(name, vector[place]) FROM column_of(policy)), score, k, suppressed, classes, coalesce(worst, score)
	FROM keyed JOIN node USING (vector)
	WHERE suppressed <= floor(coalesce((policy ->> 'suppression')::numeric, 0) * (SELECT count(*) FROM patient));
END $$;

-- What kiaim.plan finds is not what is ranked.
CREATE TABLE expectation (rank bigint, vector int[], levels jsonb, score float8, k bigint, suppressed bigint, classes bigint, worst float8);
CREATE FUNCTION plan_differs(policy jsonb, wanted int) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	planned record;
	expected expectation;
	found int := 0;
	feasible bigint;
BEGIN
	TRUNCATE expectation;
	INSERT INTO expectation SELECT * FROM ranked(policy);
	SELECT count(*) INTO feasible FROM expectation;
	BEGIN
		FOR planned IN SELECT * FROM kiaim.plan('patient', policy, solutions => wanted) LOOP
			found := found + 1;
			SELECT * INTO expected FROM expectation AS e WHERE e.rank = planned.rank;
			IF (planned.levels, planned.suppressed, planned.classes, planned.k) IS DISTINCT FROM
				(expected.levels, expected.suppressed, expected.classes, expected.k)
				OR NOT coalesce(abs(planned.loss - expected.score) <= 1e-11 * greatest(abs(expected.score), abs(expected.worst)), false)
				OR NOT planned.optimal OR planned.gap <> 0 THEN
				RETURN NEXT format(E'planned  %s\n expected %s', to_jsonb(planned) - 'query', to_jsonb(expected));
				RETURN;
			END IF;
		END LOOP;
		IF found < least(wanted, feasible) THEN
			RETURN NEXT format('%s solutions of %s, %s wanted', found, feasible, wanted);
		END IF;
	EXCEPTION WHEN no_data_found THEN
		IF feasible > 0 THEN
			RETURN NEXT format('no solution, but %s are feasible', feasible);
		END IF;
	END;
END $$;
