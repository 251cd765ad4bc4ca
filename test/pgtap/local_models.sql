-- Local recoding under every requirement beyond one class, by every algorithm and quality, against plain SQL: random
-- small tables with values that read like labels, persons, and a population of which the table is a part. Everything
-- is counted on the labels that the query of the plan releases.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE SCHEMA local_models;
CREATE TABLE local_models.patient (person int, a text, b text, c int, s text);
CREATE TABLE local_models.resident (a text, b text, c int);
CREATE TABLE released (person int, a text, b text, c text, s text);
CREATE TABLE class (a text, b text, c text, rows bigint, size bigint, l bigint, population bigint);
CREATE TABLE level_of (j text, level int, label text, records bigint, area float8);
\set quasi '{"a": {"*": {"A": ["a1", "a2", "a3"], "B": ["b1", "b2"]}}, "b": {"*": {"p": ["p1", "p2"], "q": ["q1", "q2"]}}, "c": "bins(2, 4, 8)"}'
CREATE TABLE tree (j text, hierarchy text, height int, leaves text[]);
INSERT INTO tree SELECT j, :'quasi'::jsonb ->> j, height, leaves FROM (VALUES ('a', 2, '{a1,a2,a3,b1,b2}'::text[]), ('b', 2, '{p1,p2,q1,q2}'), ('c', 4, NULL)) AS t (j, height, leaves);

-- dirty: values outside the hierarchies, "*" and the names of inner nodes among them
CREATE FUNCTION fill(dirty boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	size int := 10 + floor(random() * 100);
	skew float8 := 1 + random() * 2;
	q tree;
BEGIN
	TRUNCATE local_models.patient, local_models.resident, level_of;
	INSERT INTO local_models.patient
	SELECT floor(random() * size * 0.8), (ARRAY['a1', 'a2', 'b1', 'b2', NULL] || CASE WHEN dirty THEN '{*,zz,yy,A}'::text[] ELSE '{a1,a3,b1}' END)[1 + floor(random() ^ skew * 8.9)::int],
		(ARRAY['p1', 'p2', 'q1', 'q2'] || CASE WHEN dirty THEN '{*}'::text[] ELSE '{q1}' END)[1 + floor(random() ^ skew * 4.9)::int], floor(random() ^ skew * 14), (ARRAY['i', 'ii', 'iii'])[1 + floor(random() ^ skew * 3)::int]
	FROM generate_series(1, size);
	INSERT INTO local_models.resident SELECT a, b, c FROM local_models.patient
	UNION ALL SELECT (ARRAY['a1', 'a2', 'a3', 'b1', 'b2', 'b3', NULL, '*'])[1 + floor(random() * 8)::int], (ARRAY['p1', 'p2', 'q1', 'q2'])[1 + floor(random() * 4)::int], floor(random() * 16)
	FROM generate_series(1, size * 2);
	FOR q IN SELECT * FROM tree LOOP
		EXECUTE format($q$
			INSERT INTO level_of
			WITH leaf AS (
				SELECT t::%5$s AS v FROM (SELECT unnest(%4$L::text[]) AS t UNION SELECT DISTINCT %1$I::text FROM local_models.patient WHERE %4$L IS NULL) AS l
			), here AS (
				SELECT level, kiaim.generalize(%1$I, %2$L, level) AS label, count(*) AS records FROM local_models.patient, generate_series(0, %3$s) AS level GROUP BY 1, 2
			)
			SELECT %1$L, min(level), label, (array_agg(records ORDER BY level))[1], max(CASE WHEN label = '*' THEN (SELECT count(*) FROM leaf) WHEN level = 0 OR label IS NULL THEN 1
				ELSE greatest((SELECT count(*) FROM leaf WHERE kiaim.generalize(leaf.v, %2$L, level) = label), 1) END)
			FROM here GROUP BY label
		$q$, q.j, q.hierarchy, q.height, q.leaves, CASE q.j WHEN 'c' THEN 'int' ELSE 'text' END);
	END LOOP;
END $$;

-- A requirement at random, and the options that every policy may have.
CREATE FUNCTION random_policy(dirty boolean) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('quasi', (SELECT jsonb_object_agg(j, CASE j WHEN 'c' THEN to_jsonb(hierarchy) ELSE hierarchy::jsonb END) FROM tree),
			'suppression', (ARRAY[0, 0, 0.1, 0.3])[1 + floor(random() * 4)::int],
			'recoding', jsonb_build_object('method', 'local', 'algorithm', (ARRAY['cluster', 'mondrian', 'iterated'])[1 + floor(random() * 3)::int]))
		|| (ARRAY[
			jsonb_build_object('k_map', jsonb_build_object('k', 2 + floor(random() * 8)::int, 'population', 'local_models.resident')),
			jsonb_build_object('presence', jsonb_build_object('max', 0.2 + random() * 0.4, 'population', 'local_models.resident')),
			jsonb_build_object('presence', jsonb_build_object('min', random() * 0.2, 'max', 0.3 + random() * 0.4, 'population', 'local_models.resident')),
			jsonb_build_object('average_risk', 0.05 + random() * 0.5),
			jsonb_build_object('sample_uniqueness', floor(random() * 3) * 0.05),
			jsonb_build_object('population_uniqueness', jsonb_build_object('share', random() * 0.02, 'population', 2000, 'model', (ARRAY['zayatz', 'pitman', 'dankar', 'snb'])[1 + floor(random() * 4)::int])),
			jsonb_build_object('strict_average_risk', jsonb_build_object('average', 0.1 + random() * 0.4, 'highest', 0.25 + random() * 0.5, 'share_at_risk', random() * 0.3, 'threshold', 0.1 + random() * 0.2)),
			jsonb_build_object('k', 2 + floor(random() * 3)::int)])[1 + floor(random() * 8)::int]
		|| (ARRAY['{}', '{}', '{"k": 2}', '{"sensitive": {"s": {"l": 2}}}', '{"person": "person"}', '{"person": "person", "average_risk": 0.4}', '{"suppressed_rows": "star"}',
			'{"k_map": {"k": 3, "population": "local_models.resident"}, "average_risk": 0.3}']::jsonb[])[1 + floor(random() * 8)::int]
		|| CASE WHEN dirty THEN '{}' ELSE (ARRAY['{}', '{"aggregate": "geometric"}', '{"quality": "precision"}', '{"quality": "entropy"}', '{"quality": "normalized_entropy"}', '{"quality": "discernibility"}',
			'{"quality": "average_class_size"}', '{"quality": "ambiguity"}', '{"quality": "kl_divergence"}', '{"quality": {"model": "classification", "target": "s"}, "keep": ["s"]}',
			'{"quality": {"model": "classification", "target": "b"}}', '{"quality": "precision", "aggregate": "maximum"}']::jsonb[])[1 + floor(random() * 12)::int] END
$$;

-- What the quality of a release is, of its labels.
CREATE FUNCTION score(policy jsonb, suppressed bigint) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	n float8 := (SELECT count(*) FROM local_models.patient);
	quality text := coalesce(policy #>> '{quality,model}', policy ->> 'quality', 'loss');
	x float8[];
BEGIN
	IF quality = 'discernibility' THEN
		RETURN (SELECT coalesce(sum(rows * rows), 0) FROM class) + n * suppressed;
	ELSIF quality = 'average_class_size' THEN
		RETURN n / ((SELECT count(*) FROM class) + (suppressed > 0)::int);
	ELSIF quality = 'classification' AND policy #>> '{quality,target}' = 's' THEN
		RETURN (n - (SELECT coalesce(sum(most), 0) FROM (SELECT max(m) AS most FROM (SELECT a, b, c, count(*) AS m FROM released GROUP BY a, b, c, s) AS v GROUP BY a, b, c) AS g)) / n;
	ELSIF quality = 'classification' THEN
		RETURN (n - (SELECT coalesce(sum(most), 0) FROM (SELECT max(m) AS most FROM (SELECT o.a, o.c, count(*) AS m FROM outcome_of AS o GROUP BY o.a, o.c, o.was_b) AS v GROUP BY a, c) AS g)) / n;
	ELSIF quality = 'ambiguity' THEN
		RETURN ((SELECT coalesce(sum(p.area), 0) FROM outcome_of AS o, row_area(o.a, o.b, o.c) AS p (area)) + suppressed * row_area('*', '*', '*')) / n;
	ELSIF quality = 'kl_divergence' THEN
		RETURN (SELECT sum(m / n * (log(2, (m / n)::numeric) - log(2, (of_class / n / area)::numeric)))
			FROM (SELECT count(*) AS m, CASE WHEN o.known THEN (SELECT sum(rows) FROM class WHERE (class.a, class.b, class.c) IS NOT DISTINCT FROM (o.a, o.b, o.c)) ELSE suppressed END AS of_class,
					CASE WHEN o.known THEN row_area(o.a, o.b, o.c) ELSE row_area('*', '*', '*') END AS area
				FROM all_of AS o GROUP BY o.was_a, o.was_b, o.was_c, o.known, o.a, o.b, o.c) AS t);
	END IF;
	SELECT array_agg(v ORDER BY j) INTO x FROM (
		SELECT t.j, sum(CASE quality
				WHEN 'loss' THEN CASE WHEN known AND t.label IS DISTINCT FROM '*' THEN (l.area - 1) / (greatest((SELECT max(area) FROM level_of AS w WHERE w.j = t.j), 2) - 1) ELSE 1 END / n
				WHEN 'precision' THEN CASE WHEN known AND t.label IS DISTINCT FROM '*' THEN l.level / t.height::float8 ELSE 1 END / n
				ELSE (log(2, (CASE WHEN known AND t.label IS DISTINCT FROM '*' THEN l.records ELSE n END)::numeric) - log(2, own::numeric))
					/ CASE quality WHEN 'entropy' THEN 1 ELSE greatest((SELECT sum(log(2, (n / same)::numeric)) FROM (SELECT count(*) OVER (PARTITION BY value) AS same FROM cells AS y WHERE y.j = t.j) AS z), 1e-300) END END) AS v
		FROM (SELECT *, count(*) OVER (PARTITION BY j, value) AS own FROM cells) AS t LEFT JOIN level_of AS l ON l.j = t.j AND l.label IS NOT DISTINCT FROM t.label
		GROUP BY t.j) AS c;
	RETURN CASE policy ->> 'aggregate' WHEN 'geometric' THEN exp((SELECT avg(ln(1 + v)) FROM unnest(x) AS v)) - 1 WHEN 'maximum' THEN (SELECT max(v) FROM unnest(x) AS v)
		ELSE (SELECT sum(v) FROM unnest(x) AS v) / CASE WHEN quality LIKE '%entropy' THEN 1 ELSE 3 END END;
END $$;

-- every row with its labels, as the recoding of the plan says; the query is held against it
CREATE TABLE all_of (was_a text, was_b text, was_c int, a text, b text, c text, known boolean);
CREATE VIEW outcome_of AS SELECT * FROM all_of WHERE known;
CREATE VIEW cells AS SELECT v.*, o.known, t.height FROM all_of AS o, LATERAL (VALUES ('a', was_a, a), ('b', was_b, b), ('c', was_c::text, c)) AS v (j, value, label) JOIN tree AS t USING (j);
CREATE FUNCTION row_area(la text, lb text, lc text) RETURNS float8 LANGUAGE sql AS $$
	SELECT (SELECT least(area, 5) FROM level_of WHERE j = 'a' AND label IS NOT DISTINCT FROM la UNION ALL SELECT 5 LIMIT 1) * (SELECT area FROM level_of WHERE j = 'b' AND label IS NOT DISTINCT FROM lb UNION ALL SELECT 4 LIMIT 1)
		* (SELECT area FROM level_of WHERE j = 'c' AND label IS NOT DISTINCT FROM lc)
$$;

-- What is wrong with a plan, if anything.
CREATE FUNCTION wrong(policy jsonb, plan record, dirty boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	persons boolean := policy ? 'person';
	limits jsonb := coalesce(policy -> 'strict_average_risk', '{}');
	fitted kiaim.recoding := (SELECT recoding FROM kiaim.fitted_recoding WHERE id = plan.levels ->> 'recoding');
	n int := (SELECT count(*) FROM local_models.patient);
	f record;
	found float8;
BEGIN
	TRUNCATE released, class, all_of;
	EXECUTE format('INSERT INTO released (person, a, b, c, s) SELECT %s, a, b, c, %s FROM (%s) AS r', CASE WHEN persons THEN 'kiaim_person' ELSE 'NULL' END,
		CASE WHEN policy ? 'sensitive' OR policy ? 'keep' THEN 's' ELSE 'NULL' END, kiaim.plan_query('local_models.patient', policy || '{"suppressed_rows": "drop"}', plan.levels, persons));
	INSERT INTO all_of SELECT a, b, c, r[1], r[2], r[3], r IS NOT NULL FROM local_models.patient, kiaim.recode(fitted, a, b, c) AS r;
	INSERT INTO class SELECT a, b, c, count(*), CASE WHEN persons THEN count(DISTINCT person) ELSE count(*) END, count(DISTINCT s),
		(SELECT count(*) FROM local_models.resident AS r, kiaim.recode(fitted, r.a, r.b, r.c) AS o WHERE o IS NOT DISTINCT FROM ARRAY[released.a, released.b, released.c])
	FROM released GROUP BY a, b, c;
	SELECT sum(rows) AS rows, count(*) AS classes, min(size) AS k, min(l) AS l, min(population) AS k_map, max(size / nullif(population, 0)::float8) AS most, min(size / nullif(population, 0)::float8) AS least,
		sum(rows / size::float8) / sum(rows) AS average, coalesce(sum(rows) FILTER (WHERE size = 1), 0) / sum(rows) AS alone,
		coalesce(sum(rows) FILTER (WHERE 1 / size::float8 > (limits ->> 'threshold')::float8), 0)::float8 / sum(rows) AS at_risk INTO f FROM class;
	IF coalesce(f.rows, 0) + plan.suppressed <> n OR plan.suppressed > floor((policy ->> 'suppression')::numeric * n) THEN
		RETURN format('%s rows are released, %s suppressed', f.rows, plan.suppressed);
	ELSIF EXISTS (SELECT a, b, c FROM released EXCEPT ALL SELECT a, b, c FROM outcome_of) OR (SELECT count(*) FROM outcome_of) <> coalesce(f.rows, 0) THEN
		RETURN 'the query releases other labels than the recoding has';
	ELSIF f.classes <> plan.classes OR f.k IS DISTINCT FROM plan.k THEN
		RETURN format('%s classes of %s or more, not %s of %s', f.classes, f.k, plan.classes, plan.k);
	ELSIF f.classes = 0 THEN
		RETURN NULL;
	ELSIF EXISTS (SELECT FROM (SELECT was_a AS a, was_b AS b, was_c AS c, ARRAY[o.a, o.b, o.c] AS o FROM outcome_of AS o UNION ALL SELECT a, b, c, o FROM local_models.resident, kiaim.recode(fitted, a, b, c) AS o) AS r
		WHERE o IS NOT NULL AND (array_position(kiaim.path(a, (SELECT hierarchy FROM tree WHERE j = 'a')::kiaim.hierarchy), o[1]) IS NULL
			OR array_position(kiaim.path(b, (SELECT hierarchy FROM tree WHERE j = 'b')::kiaim.hierarchy), o[2]) IS NULL OR array_position(kiaim.path(c, 'bins(2, 4, 8)'), o[3]) IS NULL)) THEN
		RETURN 'a value is not under its label';
	ELSIF f.k < (policy ->> 'k')::int OR f.l < (policy #>> '{sensitive,s,l}')::int OR f.k_map < (policy #>> '{k_map,k}')::int
		OR policy ? 'presence' AND f.k_map = 0 OR f.most > (policy #>> '{presence,max}')::float8 + 1e-9 OR f.least < (policy #>> '{presence,min}')::float8 - 1e-9
		OR f.average > least((policy ->> 'average_risk')::float8, (limits ->> 'average')::float8) + 1e-9 OR 1.0 / f.k > (limits ->> 'highest')::float8 + 1e-9
		OR f.alone > (policy ->> 'sample_uniqueness')::float8 + 1e-9 OR f.at_risk > (limits ->> 'share_at_risk')::float8 + 1e-9 THEN
		RETURN format('a requirement does not hold: %s', row_to_json(f));
	END IF;
	IF policy ? 'population_uniqueness' THEN
		SELECT kiaim.population_uniqueness(policy #>> '{population_uniqueness,model}', 2000, a, b, c) INTO found FROM (SELECT DISTINCT a, b, c, CASE WHEN persons THEN person::text ELSE ctid::text END FROM released) AS r;
		IF NOT coalesce(found <= (policy #>> '{population_uniqueness,share}')::float8 + 1e-9, false) THEN
			RETURN format('population uniqueness is %s', found);
		END IF;
	END IF;
	found := score(policy, plan.suppressed);
	IF NOT dirty AND abs(found - plan.loss) > 1e-8 * greatest(abs(found), 1) THEN
		RETURN format('the score is %s, not %s', found, plan.loss);
	END IF;
	RETURN NULL;
END $$;

CREATE TABLE result (seed int, policy jsonb, algorithm text, loss float8, wrong text);
CREATE FUNCTION attempt(seed int, policy jsonb, dirty boolean) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	plan record;
BEGIN
	SELECT p.* INTO plan FROM kiaim.plan('local_models.patient', policy) AS p;
	INSERT INTO result VALUES (seed, policy, coalesce(policy #>> '{recoding,algorithm}', 'full_domain'), plan.loss, CASE WHEN policy ? 'recoding' THEN wrong(policy, plan, dirty) END);
	RETURN plan.loss;
EXCEPTION WHEN no_data_found THEN
	INSERT INTO result VALUES (seed, policy, coalesce(policy #>> '{recoding,algorithm}', 'full_domain'));
	RETURN NULL;
END $$;

DO $$
DECLARE
	policy jsonb;
	dirty boolean;
BEGIN
	FOR seed IN 1 .. 160 LOOP
		PERFORM setseed(seed / 1000.0);
		dirty := seed % 2 = 0;
		PERFORM fill(dirty);
		policy := random_policy(dirty);
		-- a column has one role
		policy := CASE WHEN policy ? 'sensitive' THEN policy - 'keep' ELSE policy END;
		PERFORM attempt(seed, policy, dirty);
		IF seed % 4 < 2 THEN
			PERFORM attempt(seed, policy || jsonb_build_object('recoding', jsonb_build_object('method', 'local', 'algorithm', algorithm)), dirty) FROM unnest('{cluster,mondrian,iterated}'::text[]) AS algorithm
			WHERE algorithm <> policy #>> '{recoding,algorithm}';
			PERFORM attempt(seed, policy - 'recoding', dirty);
		END IF;
	END LOOP;
END $$;

-- a source that says "*", and one that says what an inner node is called: classes are those of the texts
TRUNCATE local_models.patient;
INSERT INTO local_models.patient (a, b) SELECT v, 'p1' FROM unnest('{*,*,a1,b1,zz,yy,A,A,a2,a3,a3}'::text[]) AS v;
CREATE FUNCTION counted(query text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	counts bigint[];
BEGIN
	EXECUTE format('SELECT ARRAY[min(n), count(*), sum(n)] FROM (SELECT count(*) AS n FROM (%s) AS r GROUP BY a, b) AS c', query) INTO counts;
	RETURN counts;
END $$;
SELECT is(counted(p.query), ARRAY[p.k, p.classes, 11 - p.suppressed], format('values that read like labels, k = %s by %s', least, algorithm))
FROM unnest('{cluster,mondrian,iterated}'::text[]) AS algorithm, generate_series(1, 4) AS least,
	kiaim.plan('local_models.patient', jsonb_build_object('quasi', :'quasi'::jsonb - 'c', 'k', least, 'recoding', jsonb_build_object('method', 'local', 'algorithm', algorithm))) AS p;

SELECT is_empty('SELECT seed, policy, wrong FROM result WHERE wrong IS NOT NULL', 'what is released keeps every requirement, at the score that was told');
SELECT is_empty($$SELECT c.seed, c.policy, c.loss, o.algorithm, o.loss FROM result AS c JOIN result AS o USING (seed) WHERE c.algorithm = 'cluster' AND o.algorithm IN ('mondrian', 'iterated')
	AND NOT coalesce(c.loss <= o.loss + 1e-9, o.loss IS NULL)$$, 'clustering is never worse than the other algorithms');
SELECT is_empty($$SELECT c.seed, c.policy, c.loss, o.loss FROM result AS c JOIN result AS o USING (seed) WHERE c.algorithm = 'cluster' AND o.algorithm = 'full_domain' AND c.loss > o.loss + 1e-9
	AND coalesce(c.policy ->> 'quality', 'loss') NOT IN ('precision', 'entropy', 'normalized_entropy')$$, 'nor than full-domain recoding, where its score means the same');
SELECT is_empty($$SELECT seed, policy FROM result WHERE algorithm = 'cluster' AND loss IS NULL AND seed IN (SELECT seed FROM result WHERE algorithm = 'full_domain' AND loss IS NOT NULL)$$, 'and finds a recoding wherever that does');
SELECT cmp_ok(count(*) FILTER (WHERE loss IS NOT NULL), '>', 5::bigint, format('%s with %s was tried', algorithm, requirement))
FROM unnest('{k_map,presence,average_risk,sample_uniqueness,population_uniqueness,strict_average_risk,quality,person}'::text[]) AS requirement, result WHERE policy ? requirement AND algorithm <> 'full_domain'
GROUP BY algorithm, requirement;
SELECT * FROM finish();
ROLLBACK;
