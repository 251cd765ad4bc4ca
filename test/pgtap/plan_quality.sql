-- Every quality and aggregate of kiaim.plan where its limits are: stopped early, without effect, too large, outside of a
-- domain, of nothing. plan_combinations.sql compares them with the whole lattice in plain SQL.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

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
