-- The method forest: what it recovers, and rows with many kept columns.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- A number of [0, 1) that depends on two others only: the same on every server.
CREATE FUNCTION pg_temp.unit(i int, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(i || ':' || k), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

---- a joint distribution ----

CREATE TABLE stages AS
SELECT sex, stage, CASE WHEN pg_temp.unit(i, 3) < 0.2 * stage THEN 'high' ELSE 'low' END AS grade
FROM generate_series(1, 8000) AS i,
	LATERAL (SELECT CASE WHEN pg_temp.unit(i, 1) < 0.5 THEN 'f' ELSE 'm' END AS sex) AS a,
	LATERAL (SELECT 1 + (pg_temp.unit(i, 2) * CASE sex WHEN 'f' THEN 2 ELSE 4 END)::int % 4 AS stage) AS b;
SELECT kiaim.fit('stages_f', 'stages', '{"method": "forest", "seed": 1}');
SELECT kiaim.fit('stages_m', 'stages', '{"method": "marginals", "seed": 1}');
-- half of the sum of the differences of all shares: what can be told apart at best
CREATE FUNCTION pg_temp.distance(model text, given jsonb DEFAULT NULL, condition text DEFAULT 'true') RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE told numeric;
BEGIN
	EXECUTE format($q$
		WITH a AS (SELECT sex, stage, grade, count(*) / sum(count(*)) OVER () AS p FROM stages WHERE %1$s GROUP BY 1, 2, 3),
			b AS (SELECT sex, stage, grade, count(*) / sum(count(*)) OVER () AS p FROM kiaim.sample(NULL::stages, %2$L, 40000, 7, %3$L) GROUP BY 1, 2, 3)
		SELECT sum(abs(coalesce(a.p, 0) - coalesce(b.p, 0))) / 2 FROM a FULL JOIN b USING (sex, stage, grade)$q$, condition, model, given) INTO told;
	RETURN told;
END $$;
SELECT cmp_ok(pg_temp.distance('stages_f'), '<', 0.04, 'the joint distribution is nearly recovered: leaves smooth it');
SELECT cmp_ok(pg_temp.distance('stages_m'), '>', 0.1, 'but not by marginals');
SELECT cmp_ok(pg_temp.distance('stages_f', '{"sex": "m"}', $$sex = 'm'$$), '<', 0.05, 'under a condition on one column');
SELECT cmp_ok(pg_temp.distance('stages_f', '{"sex": "m", "grade": "high"}', $$sex = 'm' AND grade = 'high'$$), '<', 0.06, 'on two');
SELECT cmp_ok((SELECT min(smallest) FROM kiaim.model_leaves('stages_f')), '>=', 10::bigint, 'every leaf holds min_leaf persons');

SELECT kiaim.fit('stages_again', 'stages', '{"method": "forest", "seed": 1}');
SELECT is((SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::stages, 'stages_again', 3000, 1) AS s),
	(SELECT md5(string_agg(s::text, ' ')) FROM kiaim.sample(NULL::stages, 'stages_f', 3000, 1) AS s), 'the same seeds give the same rows');

---- many kept columns ----

-- 60 kept columns of 20 values each: a share of 1 in 20 ^ 60 is no number of a double's nearest whole ones
SELECT format('CREATE TABLE wide AS SELECT i %% 2 = 0 AS told, %s FROM generate_series(1, 1000) AS i',
	string_agg(format('(pg_temp.unit(i, %s) * 20)::int + 100 * (i %% 2) * (%1$s = 60)::int AS k%1$s', k), ', ')) AS make FROM generate_series(1, 60) AS k \gset
:make;
SELECT kiaim.fit('wide_f', 'wide', (SELECT jsonb_build_object('method', 'forest', 'seed', 1, 'trees', 3, 'keep', jsonb_agg('k' || k)) FROM generate_series(1, 60) AS k));
SELECT is((SELECT count(*) FROM (SELECT (kiaim.complete(w, 'wide_f', 1)).told FROM wide AS w OFFSET 0) AS c WHERE told IS NOT NULL), 1000::bigint, 'every row is completed');
SELECT cmp_ok((SELECT count(*) FILTER (WHERE c.told = (k60 < 100)) FROM (SELECT (kiaim.complete(w, 'wide_f', 1)).* FROM wide AS w OFFSET 0) AS c), '>', 900::bigint, 'by what its columns tell');

SELECT * FROM finish();
ROLLBACK;
