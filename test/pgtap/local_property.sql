-- Local recoding by every algorithm against plain SQL: random small tables and policies. Classes are counted on the
-- released labels; each must have what the policy asks for, and the loss must be that of the labels.
BEGIN;
SET client_min_messages = error;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE TABLE patient (person int, a text, b text, c int, s text);
CREATE TABLE released (person int, a text, b text, c text, s text);

-- Labels of each column on each level, and what they cost.
CREATE TABLE label (j text, level int, label text, cost float8);
CREATE TABLE trees (j text, hierarchy text, height int, leaves text[]);
INSERT INTO trees VALUES
	('a', '{"*": {"A": ["a1", "a2", "a3"], "B": ["b1", "b2"], "C": ["c1", "c2", "c3", "c4"]}}', 2, '{a1,a2,a3,b1,b2,c1,c2,c3,c4}'),
	('b', '{"*": {"p": ["p1", "p2"], "q": ["q1", "q2"]}}', 2, '{p1,p2,q1,q2}'),
	('c', 'bins(2, 4, 8)', 4, NULL);

CREATE FUNCTION fill_patient() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	size int := 5 + floor(random() * 150);
	skew float8 := 1 + random() * 2;
	crowd float8 := (ARRAY[0.3, 0.7, 3])[1 + floor(random() * 3)::int];
	q trees;
BEGIN
	TRUNCATE patient, label;
	INSERT INTO patient
	SELECT floor(random() * size * crowd), (ARRAY['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c2', 'c3', NULL])[1 + floor(random() ^ skew * 9)::int],
		(ARRAY['p1', 'p2', 'q1', 'q2', 'zz'])[1 + floor(random() ^ skew * 4.1)::int], floor(random() ^ skew * 14),
		(ARRAY['i', 'ii', 'iii', 'iv'])[1 + floor(random() ^ skew * 4)::int]
	FROM generate_series(1, size);
	FOR q IN SELECT * FROM trees LOOP
		EXECUTE format($q$
			INSERT INTO label
			WITH value AS (
				SELECT DISTINCT %1$I AS v FROM patient
			), leaf AS (
				SELECT DISTINCT level, v, kiaim.generalize(v, %2$L, level) AS label
				FROM (SELECT unnest(%4$L::text[]) AS v UNION SELECT v::text FROM value WHERE %4$L::text[] IS NULL) AS leaf (t),
					LATERAL (SELECT t::%5$s AS v) AS typed, generate_series(0, %3$s) AS level
			), under AS (
				SELECT level, label, count(*) AS leaves FROM leaf GROUP BY level, label
			)
			SELECT DISTINCT %6$L, level, l.label, CASE WHEN l.label = '*' THEN 1 WHEN level = 0 OR l.label IS NULL THEN 0
				ELSE (coalesce(under.leaves, 1) - 1)::float8 / greatest((SELECT count(DISTINCT v) FROM leaf) - 1, 1) END
			FROM (SELECT level, kiaim.generalize(v, %2$L, level) AS label FROM value, generate_series(0, %3$s) AS level) AS l
				LEFT JOIN under USING (level, label)
		$q$, q.j, q.hierarchy, q.height, q.leaves, CASE q.j WHEN 'c' THEN 'int' ELSE 'text' END, q.j);
	END LOOP;
END $$;

CREATE FUNCTION random_policy() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object(
		'quasi', jsonb_build_object(
			'a', jsonb_build_object('hierarchy', (SELECT hierarchy FROM trees WHERE j = 'a'), 'weight', (ARRAY[1, 1, 3])[1 + floor(random() * 3)::int],
				'max', (ARRAY[2, 2, 2, 1])[1 + floor(random() * 4)::int]),
			'b', jsonb_build_object('hierarchy', (SELECT hierarchy FROM trees WHERE j = 'b'), 'min', (ARRAY[0, 0, 1])[1 + floor(random() * 3)::int]),
			'c', jsonb_build_object('hierarchy', 'bins(2, 4, 8)')),
		'k', 1 + floor(random() * 6)::int,
		'suppression', (ARRAY[0, 0, 0.1, 0.3])[1 + floor(random() * 4)::int],
		'recoding', jsonb_build_object('method', 'local', 'algorithm', (ARRAY['cluster', 'cluster', 'mondrian', 'iterated'])[1 + floor(random() * 4)::int]),
		'sensitive', jsonb_build_object('s', (ARRAY['{"l": 1}', '{"l": 2}', '{"l": 3}', '{"t": 0.4}', '{"entropy_l": 1.5}', '{"l": 2, "t": 0.5}', '{"beta": 2}', '{"enhanced_beta": 1}']::jsonb[])[1 + floor(random() * 8)::int]))
		|| (ARRAY['{}', '{}', '{"person": "person"}']::jsonb[])[1 + floor(random() * 3)::int]
$$;

-- What is wrong with a release, if anything.
CREATE FUNCTION wrong(policy jsonb, plan record) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	persons boolean := policy ? 'person';
	found record;
	loss float8;
	weight float8 := (policy #>> '{quasi,a,weight}')::float8;
BEGIN
	TRUNCATE released;
	EXECUTE format('INSERT INTO released (person, a, b, c, s) SELECT %s, a, b, c, s FROM (%s) AS r',
		CASE WHEN persons THEN 'kiaim_person' ELSE 'NULL' END, kiaim.plan_query('patient', policy, plan.levels, persons));
	SELECT count(*) AS rows INTO found FROM released;
	IF found.rows + plan.suppressed <> (SELECT count(*) FROM patient) THEN
		RETURN format('%s rows were released and %s suppressed', found.rows, plan.suppressed);
	END IF;
	IF plan.suppressed > floor((policy ->> 'suppression')::numeric * (SELECT count(*) FROM patient)) THEN
		RETURN format('%s rows were suppressed', plan.suppressed);
	END IF;

	WITH class AS (
		SELECT a, b, c, CASE WHEN persons THEN count(DISTINCT person) ELSE count(*) END AS size, count(DISTINCT s) AS l FROM released GROUP BY a, b, c
	)
	SELECT count(*) AS classes, min(size) AS k, min(l) AS l INTO found FROM class;
	IF found.classes <> plan.classes OR found.k IS DISTINCT FROM plan.k THEN
		RETURN format('%s classes of %s or more, not %s of %s', found.classes, found.k, plan.classes, plan.k);
	END IF;
	IF found.k < (policy ->> 'k')::int OR found.l < coalesce((policy #>> '{sensitive,s,l}')::int, 1) THEN
		RETURN format('a class of %s, a class with %s values', found.k, found.l);
	END IF;

	-- t and entropy: histograms of records, or of persons, each once a value
	WITH r AS (
		SELECT DISTINCT a, b, c, s, CASE WHEN persons THEN person::text ELSE ctid::text END AS unit FROM released
	), p AS (
		SELECT DISTINCT s, CASE WHEN persons THEN person::text ELSE ctid::text END AS unit FROM patient
	), class AS (
		SELECT a, b, c, count(*) AS n FROM r GROUP BY a, b, c
	), share AS (
		SELECT class.a, class.b, class.c, v.s, (SELECT count(*) FROM r WHERE (r.a, r.b, r.c) IS NOT DISTINCT FROM (class.a, class.b, class.c) AND r.s = v.s)::float8 / n AS p,
			v.q FROM class, (SELECT s, count(*)::float8 / (SELECT count(*) FROM p) AS q FROM p GROUP BY s) AS v
	), measured AS (
		SELECT sum(abs(p - q)) / 2 AS t, max((p - q) / q) AS beta, max((p - q) / q / least(1, -ln(q))) FILTER (WHERE p > q) AS enhanced_beta, exp(-sum(CASE WHEN p > 0 THEN p * ln(p) ELSE 0 END)) AS entropy_l FROM share GROUP BY a, b, c
	)
	SELECT max(t) AS t, min(entropy_l) AS entropy_l, max(beta) AS beta, max(enhanced_beta) AS enhanced_beta INTO found FROM measured;
	IF found.t > (policy #>> '{sensitive,s,t}')::float8 + 1e-9 OR found.entropy_l < (policy #>> '{sensitive,s,entropy_l}')::float8 - 1e-9 THEN
		RETURN format('t of %s, entropy l of %s', found.t, found.entropy_l);
	END IF;
	IF found.beta > (policy #>> '{sensitive,s,beta}')::float8 + 1e-9 OR found.enhanced_beta > 1 + 1e-9 AND policy @? '$.sensitive.s.enhanced_beta' THEN
		RETURN format('beta of %s, enhanced beta of %s times its limit', found.beta, found.enhanced_beta);
	END IF;

	-- labels of the hierarchies, on levels that are allowed, and what they cost; a label of several levels costs the same on all
	IF EXISTS (SELECT FROM released WHERE a = '*' AND policy #>> '{quasi,a,max}' = '1')
		OR EXISTS (SELECT b FROM released WHERE policy #>> '{quasi,b,min}' = '1' AND b NOT IN ('p', 'q', '*')) THEN
		RETURN 'a level is not allowed';
	END IF;
	SELECT (weight * sum(coalesce((SELECT max(cost) FROM label WHERE j = 'a' AND label IS NOT DISTINCT FROM a), 'NaN'))
			+ sum(coalesce((SELECT max(cost) FROM label WHERE j = 'b' AND label IS NOT DISTINCT FROM b), 'NaN'))
			+ sum(coalesce((SELECT max(cost) FROM label WHERE j = 'c' AND label IS NOT DISTINCT FROM c), 'NaN'))) INTO loss FROM released;
	loss := (coalesce(loss, 0) + (weight + 2) * plan.suppressed) / ((weight + 2) * (SELECT count(*) FROM patient));
	IF abs(loss - plan.loss) > 1e-9 OR loss = 'NaN' THEN
		RETURN format('the loss is %s, not %s', loss, plan.loss);
	END IF;
	RETURN NULL;
END $$;

CREATE TABLE outcome (seed int, policy jsonb, algorithm text, wrong text, loss float8, full_domain float8);
DO $$
DECLARE
	policy jsonb;
	plan record;
	best float8;
BEGIN
	FOR seed IN 1 .. 150 LOOP
		PERFORM setseed(seed / 1000.0);
		PERFORM fill_patient();
		policy := random_policy();
		best := NULL;
		BEGIN
			SELECT p.loss INTO best FROM kiaim.plan('patient', policy - 'recoding') AS p;
		EXCEPTION WHEN no_data_found THEN NULL;
		END;
		BEGIN
			SELECT p.* INTO plan FROM kiaim.plan('patient', policy) AS p;
			INSERT INTO outcome VALUES (seed, policy, policy #>> '{recoding,algorithm}', wrong(policy, plan), plan.loss, best);
		EXCEPTION WHEN no_data_found THEN
			INSERT INTO outcome VALUES (seed, policy, policy #>> '{recoding,algorithm}', NULL, NULL, best);
		END;
	END LOOP;
END $$;

SELECT is_empty('SELECT * FROM outcome WHERE wrong IS NOT NULL', 'every release keeps what its policy asks for, at the loss that was told');
SELECT is_empty('SELECT * FROM outcome WHERE loss IS NULL AND full_domain IS NOT NULL', 'there is a local recoding wherever there is a full-domain one');
SELECT cmp_ok((SELECT count(*) FROM outcome WHERE loss IS NOT NULL AND algorithm = 'cluster'), '>', 40::bigint, 'enough of them by clustering');
SELECT cmp_ok((SELECT count(*) FROM outcome WHERE loss IS NOT NULL AND algorithm = 'mondrian'), '>', 15::bigint, 'by Mondrian');
SELECT cmp_ok((SELECT count(*) FROM outcome WHERE loss IS NOT NULL AND algorithm = 'iterated'), '>', 15::bigint, 'and by iteration');
SELECT cmp_ok((SELECT count(*) FROM outcome WHERE loss < full_domain - 1e-9), '>', (SELECT count(*) * 7 / 10 FROM outcome WHERE loss IS NOT NULL), 'most lose less than the best full-domain recoding');
SELECT is_empty($$SELECT * FROM outcome WHERE loss > full_domain + 1e-9 AND algorithm = 'cluster'$$, 'clustering never loses more than the best full-domain recoding');
SELECT * FROM finish();
ROLLBACK;
