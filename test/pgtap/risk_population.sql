-- kiaim.population_risk and kiaim.record_uniqueness: against plain SQL where the model can be written down, against cases
-- by hand, and what they refuse. The published figures are compared in test/reference/risk_population.sql.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE FUNCTION near(a float8, b float8, tolerance float8 DEFAULT 1e-10) RETURNS boolean LANGUAGE sql AS $$
	SELECT COALESCE(abs(a - b) <= tolerance * greatest(abs(a), abs(b)), a IS NULL AND b IS NULL)
$$;
-- E[1/F] where F - f has a Poisson distribution with mean v, term by term
CREATE FUNCTION match(f float8, v float8) RETURNS float8 LANGUAGE sql AS $$
	SELECT sum(exp(greatest(-v + j * ln(v) - factorial, -600)) / (f + j))
	FROM (SELECT j, sum(ln(greatest(j, 1)::float8)) OVER (ORDER BY j) AS factorial FROM generate_series(0, ceil(v + 12 * sqrt(v) + 40)::int) AS j) AS j
$$;

-- ---- independent columns: the probability of a tuple is the product of the shares ----

CREATE TABLE pairs AS
SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE chr(97 + i * i % 5) END AS a, (i * 7 % 11) * (i % 3) AS b FROM generate_series(1, 60) AS i;
CREATE TABLE cells AS
SELECT a, b, f, x * y / 3600.0::float8 AS p
FROM (SELECT a, b, count(*) AS f FROM pairs GROUP BY a, b) AS c,
	LATERAL (SELECT count(*) AS x FROM pairs AS q WHERE q.a IS NOT DISTINCT FROM c.a) AS x, LATERAL (SELECT count(*) AS y FROM pairs AS q WHERE q.b = c.b) AS y;
CREATE TABLE independence AS
SELECT n, p.*, (parameters->>'tau1')::float8 AS tau1, (parameters->>'tau2')::float8 AS tau2
FROM unnest(ARRAY[75, 240, 6000]) AS n, kiaim.population_risk('pairs', '{a,b}', n) AS p WHERE model IN ('independence');
SELECT ok(near(tau1, t1) AND near(uniques, t1 * n / 60) AND near(share, t1 / 60), format('population of %s: tau 1 as the sum over classes of one', n)) FROM independence,
	LATERAL (SELECT sum(exp(-(n - 60) * p)) AS t1 FROM cells WHERE f = 1) AS o;
SELECT ok(near(tau2, t2), format('population of %s: tau 2', n)) FROM independence,
	LATERAL (SELECT sum((1 - exp(-(n - 60) * p)) / ((n - 60) * p)) AS t2 FROM cells WHERE f = 1) AS o;
SELECT ok(near(reidentified, m), format('population of %s: expected re-identifications, term by term', n)) FROM independence,
	LATERAL (SELECT sum(f * match(f, (n - 60) * p)) AS m FROM cells) AS o WHERE n < 1000;
SELECT is((SELECT count(*) FROM cells WHERE f = 1) > 5 AND (SELECT max(f) FROM cells) > 2, true, 'there were classes of one, and larger ones');

-- large classes, and many outside of the sample: figures of mpmath's quadrature of the integral of t^(f - 1) exp(-v (1 - t))
CREATE TABLE one_class AS SELECT 'a' AS a FROM generate_series(1, 500);
SELECT ok(near(reidentified, 500 * 0.0010015017506207991, 1e-13), 'a class of 500 of 999') FROM kiaim.population_risk('one_class', '{a}', 999) WHERE model = 'poisson';
CREATE TABLE small_class AS SELECT 'a' AS a FROM generate_series(1, 40);
SELECT ok(near(reidentified, 40 * 0.0041812254642960495, 1e-13), 'a class of 40 of 240') FROM kiaim.population_risk('small_class', '{a}', 240) WHERE model = 'poisson';

-- ---- terms ----

-- the criterion by hand: a term is there if the deviance falls by more than twice the parameters
CREATE FUNCTION deviance(seed int) RETURNS TABLE (fall float8, parameters int, terms jsonb) LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMP TABLE t ON COMMIT DROP AS
	SELECT x, CASE WHEN h % 10 < seed % 8 THEN x ELSE h % 4 END AS y
	FROM generate_series(1, 80) AS i, LATERAL (SELECT i % 5 AS x, abs(hashint4(i * 31 + seed)) AS h) AS v;
	RETURN QUERY
	SELECT 2 * (SELECT sum(n * ln(n * 80.0::float8 / (cx * cy))) FROM (SELECT x, y, count(*) AS n FROM t GROUP BY x, y) AS c,
					LATERAL (SELECT count(*) AS cx FROM t WHERE t.x = c.x) AS a, LATERAL (SELECT count(*) AS cy FROM t WHERE t.y = c.y) AS b),
		   ((SELECT count(DISTINCT x) FROM t) - 1)::int * ((SELECT count(DISTINCT y) FROM t) - 1)::int, r.parameters->'terms'
	FROM kiaim.population_risk('t', '{x,y}', 1000) AS r WHERE model = 'poisson';
	DROP TABLE t;
END $$;
CREATE TABLE chosen AS SELECT seed, d.* FROM generate_series(0, 23) AS seed, deviance(seed) AS d;
SELECT is_empty($$SELECT * FROM chosen WHERE (fall > 2 * parameters) <> (terms = '[["x", "y"]]')$$, 'a term is added exactly where the criterion says so');
SELECT ok(count(*) FILTER (WHERE terms = '[]') > 3 AND count(*) FILTER (WHERE terms <> '[]') > 3, 'both happened') FROM chosen;

-- a chain x - y - z: the probability is n(x, y) n(y, z) / (n(y) n)
CREATE TABLE chain AS
SELECT x, y, CASE WHEN h3 % 10 < 7 THEN (y * 5) % 9 ELSE h3 % 9 END AS z
FROM (SELECT x, CASE WHEN h2 % 10 < 7 THEN (x * 3) % 8 ELSE h2 % 8 END AS y, h3
	  FROM generate_series(1, 1500) AS i, LATERAL (SELECT abs(hashint4(i)) % 12 AS x, abs(hashint4(i + 10000)) AS h2, abs(hashint4(i + 20000)) AS h3) AS h) AS s;
CREATE TABLE chain_cells AS
SELECT c.f, xy::float8 * yz / (yy * 1500.0) AS p
FROM (SELECT x, y, z, count(*) AS f FROM chain GROUP BY x, y, z) AS c JOIN (SELECT x, y, count(*) AS xy FROM chain GROUP BY x, y) AS a USING (x, y)
	JOIN (SELECT y, z, count(*) AS yz FROM chain GROUP BY y, z) AS b USING (y, z) JOIN (SELECT y, count(*) AS yy FROM chain GROUP BY y) AS d USING (y);
SELECT ok(parameters->'terms' @> '[["x", "y"]]' AND parameters->'terms' @> '[["y", "z"]]' AND jsonb_array_length(parameters->'terms') = 2, 'a chain is found')
FROM kiaim.population_risk('chain', '{x,y,z}', 3000) WHERE model = 'poisson';
SELECT ok(near((parameters->>'tau1')::float8, t1) AND near(reidentified, m, 1e-9), 'a chain: tau 1 and the re-identifications')
FROM kiaim.population_risk('chain', '{x,y,z}', 3000), (SELECT sum(exp(-1500 * p)) FILTER (WHERE f = 1) AS t1, sum(f * match(f, 1500 * p)) AS m FROM chain_cells) AS o
WHERE model = 'poisson';
SELECT ok(near((parameters->>'uniqueness')::float8, xi) AND near(uniques, 3000 * xi) AND near((parameters->>'correctness')::float8, kappa) AND near(reidentified, 1500 * kappa),
	'a chain: xi and kappa')
FROM kiaim.population_risk('chain', '{x,y,z}', 3000), (SELECT sum(f * power(1 - p, 2999)) / 1500 AS xi, sum(f * (1 - power(1 - p, 3000)) / (3000 * p)) / 1500 AS kappa FROM chain_cells) AS o
WHERE model = 'rocher';

-- ---- by record ----

SELECT ok(count(*) = 1500 AND near(avg(r.uniqueness), (p.parameters->>'uniqueness')::float8) AND near(avg(r.correctness), (p.parameters->>'correctness')::float8),
	'the mean of the records is the figure of the table')
FROM kiaim.record_uniqueness('chain', '{x,y,z}', 3000) AS r, kiaim.population_risk('chain', '{x,y,z}', 3000) AS p WHERE p.model = 'rocher' GROUP BY p.parameters;
SELECT ok(near(sum(r.population_unique), (p.parameters->>'tau1')::float8) AND near(sum(r.reidentified), p.reidentified), 'so are the sums')
FROM kiaim.record_uniqueness('chain', '{x,y,z}', 3000) AS r, kiaim.population_risk('chain', '{x,y,z}', 3000) AS p WHERE p.model = 'poisson' GROUP BY p.parameters, p.reidentified;
SELECT is_empty($$SELECT r.id FROM kiaim.record_uniqueness('pairs', '{a,b}', 240, 'id') AS r JOIN pairs AS q ON r.id = q.id::text
	WHERE class_size <> (SELECT f FROM cells AS c WHERE c.a IS NOT DISTINCT FROM q.a AND c.b = q.b) OR (class_size > 1 AND population_unique <> 0) OR reidentified > 1.0 / class_size$$,
	'each record has its own class, and no more chance to be found than in the sample');
SELECT is((SELECT count(DISTINCT id) FROM kiaim.record_uniqueness('pairs', '{a,b}', 240, 'id')), 60::bigint, 'every record is there');
SELECT results_eq($$SELECT uniqueness, correctness, population_unique, reidentified, class_size FROM kiaim.record_uniqueness('pairs', '{id}', 60) LIMIT 1$$,
	$$VALUES (1::float8, 1::float8, 1::float8, 1::float8, 1::bigint)$$, 'the sample is the population: what is seen needs no model');

-- ---- persons ----

CREATE TABLE "Tümor" ("Patient" int, "Größe" text, "Straße" int);
INSERT INTO "Tümor" SELECT i / 2, CASE WHEN i % 4 < 2 THEN 'klein' ELSE 'groß' END || i / 30, i / 2 % 9 FROM generate_series(0, 199) AS i;
CREATE TABLE patients AS SELECT DISTINCT * FROM "Tümor";
SELECT is((SELECT count(*) FROM patients), 100::bigint, 'each patient has two equal records');
SELECT results_eq($$SELECT model, uniques::numeric(20, 9), reidentified::numeric(20, 9), reason FROM kiaim.population_risk('"Tümor"', '{Größe,Straße}', 1000, person => 'Patient')$$,
	$$SELECT model, uniques::numeric(20, 9), reidentified::numeric(20, 9), reason FROM kiaim.population_risk('patients', '{Größe,Straße}', 1000)$$, 'persons count once');
SELECT isnt((SELECT uniques FROM kiaim.population_risk('"Tümor"', '{Größe,Straße}', 1000) WHERE model = 'zayatz'),
	(SELECT uniques FROM kiaim.population_risk('"Tümor"', '{Größe,Straße}', 1000, 'Patient') WHERE model = 'zayatz'), 'records are another thing');
-- a person in two classes: the classes of the population have twice as many members as it has persons
CREATE TABLE twice AS SELECT "Patient" AS p, "Größe" AS g FROM patients UNION ALL SELECT "Patient", 'other' || "Patient" % 40 FROM patients;
CREATE TABLE members AS SELECT g FROM twice;
SELECT results_eq($$SELECT model, uniques::numeric(20, 9), share::numeric(20, 15) FROM kiaim.population_risk('twice', '{g}', 1000, 'p')$$,
	$$SELECT model, uniques::numeric(20, 9), share::numeric(20, 15) FROM kiaim.population_risk('members', '{g}', 2000)$$, 'a person in two classes is a member of both');

-- ---- cases at the edge ----

CREATE FUNCTION figures(source regclass, population bigint) RETURNS TABLE (model text, uniques float8, converged boolean, reason text) LANGUAGE sql AS $$
	SELECT model, uniques, converged, reason FROM kiaim.population_risk(source, '{a}', population)
$$;
CREATE TABLE empty (a int);
SELECT is_empty($$SELECT * FROM figures('empty', 10) WHERE uniques IS NOT NULL OR converged OR reason <> 'there are no records'$$, 'no records: no estimate, and why');
SELECT is((SELECT count(*) FROM figures('empty', 10)), 7::bigint, 'each model says so');
SELECT is_empty($$SELECT * FROM kiaim.record_uniqueness('empty', '{a}', 10)$$, 'no records, no rows');
CREATE TABLE single AS SELECT 1 AS a;
SELECT is_empty($$SELECT * FROM figures('single', 1) WHERE uniques IS DISTINCT FROM 1$$, 'one row that is the population: one unique');
SELECT is((SELECT array_agg(model ORDER BY model) FROM figures('single', 10) WHERE uniques IS NULL), '{pitman,snb}', 'one row of ten: two cannot tell');
CREATE TABLE equal_rows AS SELECT 1 AS a FROM generate_series(1, 50);
SELECT is_empty($$SELECT * FROM figures('equal_rows', 5000) WHERE NOT (converged AND uniques < 1e-9)$$, 'all equal: nobody is unique');
CREATE TABLE all_unique AS SELECT i AS a FROM generate_series(1, 50) AS i;
SELECT results_eq($$SELECT * FROM figures('all_unique', 5000) WHERE model IN ('pitman', 'snb') ORDER BY 1$$,
	$$VALUES ('pitman', NULL::float8, false, 'every record is alone in its class: the likelihood has no maximum'),
			 ('snb', NULL, false, 'no class has two records: there is no second moment to fit')$$, 'all unique: why two models cannot tell');
SELECT is_empty($$SELECT * FROM figures('all_unique', 5000) WHERE model IN ('independence', 'poisson', 'rocher') AND uniques IS NOT NULL$$,
	'all unique: nor can those that need to know how rare the values are');
SELECT is((SELECT uniques FROM figures('all_unique', 50) WHERE model = 'poisson'), 50::float8, 'all unique, and the population');
CREATE TABLE no_pairs AS SELECT unnest(ARRAY[1, 2, 3, 4, 4, 4]) AS a;
SELECT is((SELECT reason FROM figures('no_pairs', 600) WHERE model = 'snb'), 'no class has two records: there is no second moment to fit', 'no class of two');
SELECT ok(bool_and(uniques BETWEEN 0 AND 9e15 AND NOT uniques = 'NaN'), 'a population of 9e15') FROM figures('no_pairs', 9000000000000000) WHERE converged;
SELECT ok(near(u.uniques, 4294967296.0 / 2147483648 * v.uniques, 1e-3), 'Zayatz beyond 2^31 persons goes on as below') FROM figures('no_pairs', 4294967296) AS u, figures('no_pairs', 2147483648) AS v
WHERE u.model = 'zayatz' AND v.model = 'zayatz';
SELECT results_eq($$SELECT * FROM figures('pairs', 60)$$, $$SELECT model, (SELECT count(*) FROM (SELECT FROM pairs GROUP BY a HAVING count(*) = 1) AS s)::float8, true, NULL FROM figures('pairs', 60)$$,
	'a sampling fraction of 1');
SELECT is_empty($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240) WHERE (uniques IS NULL) <> (reason IS NOT NULL) OR (uniques IS NULL) = converged$$,
	'a number, or a reason');
SELECT is_empty($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240) WHERE NOT (low <= uniques AND uniques <= high AND high <= 240)$$, 'an estimate is within its interval');
SELECT is_empty($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240) AS p JOIN kiaim.population_risk('pairs', '{a,b}', 240, confidence => 0.5) AS q USING (model) WHERE q.high - q.low >= p.high - p.low AND p.high < 240$$,
	'less confidence is a narrower interval');
SELECT results_eq($$SELECT * FROM kiaim.population_risk('chain', '{x,y,z}', 30000)$$, $$SELECT * FROM kiaim.population_risk('chain', '{x,y,z}', 30000)$$, 'the same again');

-- values met once: 60 of 100 records have one of their own, 20 values are met twice, so that by Turing's formula a value
-- met once is expected 2 * 20 / 60 times
CREATE TABLE rare AS SELECT CASE WHEN i <= 60 THEN i ELSE 61 + (i - 61) / 2 END AS a FROM generate_series(1, 100) AS i;
SELECT ok(near((parameters->>'tau1')::float8, 60 * exp(-25 * 2 / 300.0)), 'rare values at a discount') FROM kiaim.population_risk('rare', '{a}', 125) WHERE model = 'poisson';
SELECT is((SELECT array_agg(DISTINCT reason) FROM figures('rare', 400) WHERE model IN ('independence', 'poisson', 'rocher')),
	ARRAY['60 % of the records have a value of column "a" that no other has: the sample cannot tell how rare these values are; make the column coarser'],
	'too many values met once: no estimate');
SELECT is_empty($$SELECT * FROM kiaim.record_uniqueness('rare', '{a}', 400) WHERE class_size IS NULL OR uniqueness IS NOT NULL OR reidentified IS NOT NULL$$, 'nor by record');

-- ---- wildcards ----

SELECT is_empty($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240, wildcard => true) WHERE uniques IS NOT NULL OR converged OR reason !~ '^where NULL matches every value classes overlap'$$,
	'NULL as a wildcard: classes overlap, and no model applies');
SELECT results_eq($$SELECT * FROM kiaim.population_risk('pairs', '{b}', 240, wildcard => true)$$, $$SELECT * FROM kiaim.population_risk('pairs', '{b}', 240)$$, 'without NULL there is no difference');
SELECT is_empty($$SELECT * FROM kiaim.record_uniqueness('pairs', '{a,b}', 240, wildcard => true) WHERE uniqueness IS NOT NULL$$, 'by record neither');

-- ---- readers, roles, errors ----

CREATE TABLE by_reader AS SELECT ''::text AS reader, model, uniques::numeric(20, 6), reidentified::numeric(20, 6), reason, parameters->'terms' AS terms FROM kiaim.population_risk('chain', '{x,y,z}', 3000) LIMIT 0;
SET LOCAL kiaim.reader = 'stream';
INSERT INTO by_reader SELECT 'stream', model, uniques, reidentified, reason, parameters->'terms' FROM kiaim.population_risk('chain', '{x,y,z}', 3000);
SET LOCAL kiaim.reader = 'pushdown';
INSERT INTO by_reader SELECT 'pushdown', model, uniques, reidentified, reason, parameters->'terms' FROM kiaim.population_risk('chain', '{x,y,z}', 3000);
SELECT is_empty($$SELECT model, uniques, reidentified, reason, terms FROM by_reader GROUP BY 1, 2, 3, 4, 5 HAVING count(*) <> 2$$, 'both readers, one result');
RESET kiaim.reader;
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 59)$$, '22023', 'a population of 59 is smaller than its sample');
SELECT throws_ok($$SELECT * FROM kiaim.record_uniqueness('pairs', '{a,b}', 59)$$, '22023', 'a population of 59 is smaller than its sample');
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', NULL)$$, '22004', 'population must not be NULL');
SELECT throws_ok($$SELECT * FROM kiaim.record_uniqueness('pairs', '{a,b}', NULL)$$, '22004', 'population must not be NULL');
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240, confidence => 1.5)$$, '22023');
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240, confidence => 1)$$, '22023', 'confidence must be above 0 and below 1, but is 1');
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,c}', 240)$$, '42703');
SELECT throws_ok($$SELECT * FROM kiaim.record_uniqueness('pairs', '{a,b}', 240, 'nr')$$, '42703');
SELECT throws_ok($$SELECT * FROM kiaim.population_risk(NULL, '{a,b}', 240)$$, '22004');
DO $$ BEGIN
	EXECUTE (SELECT 'CREATE TABLE wide AS SELECT ' || string_agg(format('%s AS c%1$s', i), ', ') FROM generate_series(1, 65) AS i);
END $$;
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('wide', (SELECT array_agg('c' || i) FROM generate_series(1, 65) AS i), 240)$$, '54000', 'a log-linear model cannot have more than 64 columns');
CREATE ROLE population_stranger;
SET LOCAL ROLE population_stranger;
SELECT throws_ok($$SELECT * FROM kiaim.population_risk('pairs', '{a,b}', 240)$$, '42501');
SELECT throws_ok($$SELECT * FROM kiaim.record_uniqueness('pairs', '{a,b}', 240)$$, '42501');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
