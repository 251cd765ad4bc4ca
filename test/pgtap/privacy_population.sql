-- kiaim.population_uniqueness: cases that can be worked out by hand, and its errors. The published figures are
-- compared in test/reference/privacy.sql.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

-- two rows alone, and two alike, of a population of 8. Zayatz: one record is in the sample with a probability of
-- 1/2, one of two with 2 C(6,3) / C(8,4) = 4/7; so a class of one is one in the population with
-- (2/3 * 1/2) / (2/3 * 1/2 + 1/3 * 4/7) = 7/11, and there are 2 * 7/11 / (1/2) = 28/11 of them.
SELECT ok(abs(kiaim.population_uniqueness('zayatz', 8, q) - 28.0 / 11 / 8) < 1e-15, 'Zayatz by hand') FROM unnest('{a,b,c,c}'::text[]) AS q;
-- a class of six cannot have one record in the sample where only one is outside of it
SELECT ok(abs(kiaim.population_uniqueness('zayatz', 9, q) - (1.0 / (8.0 / 9)) / 9) < 1e-15, 'Zayatz: what is impossible adds nothing')
FROM unnest('{a,b,b,b,b,b,b,b}'::text[]) AS q;

-- The moments of the slide negative binomial model, on classes that have its expected sizes: the parameters give
-- 1000 classes of 1 + NegBin(0.7, 0.02), sampled with 0.2; rounding to whole classes is all that is lost.
CREATE FUNCTION expected_classes() RETURNS TABLE (size int, classes int) LANGUAGE sql AS $$
	WITH RECURSIVE population (f, p) AS (	-- the probability of f records in the population
		SELECT 1, power(0.02::float8, 0.7)
		UNION ALL
		SELECT f + 1, p * 0.98 * (0.7 + f - 1) / f FROM population WHERE f < 1500
	), sample (f, j, p) AS (				-- and of j of them in the sample
		SELECT f, 1, p * f * 0.2 * power(0.8::float8, f - 1) FROM population
		UNION ALL
		SELECT f, j + 1, p * (f - j) / (j + 1) * 0.25 FROM sample WHERE j < f AND j < 300
	)
	SELECT j, round(1000000 * sum(p))::int FROM sample GROUP BY j HAVING round(1000000 * sum(p)) > 0
$$;
CREATE TABLE sampled AS SELECT size, n FROM expected_classes(), generate_series(1, classes) AS n;
SELECT ok(abs(estimate / truth - 1) < 0.02, format('the slide negative binomial model finds its own population: %s of %s', estimate, truth))
FROM (SELECT kiaim.population_uniqueness('snb', population, size, n) * population AS estimate, 1000000 * power(0.02::float8, 0.7) AS truth
	  FROM sampled, generate_series(1, size), (SELECT (sum(size) / 0.2)::bigint AS population FROM sampled) AS p
	  GROUP BY population) AS e;

SELECT ok(kiaim.population_uniqueness(model, 1000, q) = 0, model || ': no row alone in the sample, none in the population')
FROM unnest('{a,a,b,b,b}'::text[]) AS q, unnest('{dankar,pitman,zayatz,snb}'::text[]) AS model GROUP BY model;
SELECT ok(kiaim.population_uniqueness(model, 5, q) = 2.0 / 5, model || ': the sample is the population')
FROM unnest('{a,b,c,c,c}'::text[]) AS q, unnest('{dankar,pitman,zayatz,snb}'::text[]) AS model GROUP BY model;
SELECT is(kiaim.population_uniqueness('pitman', 1000, q), NULL, 'Pitman: nothing but uniques has no estimate') FROM unnest('{a,b,c,d}'::text[]) AS q;
SELECT is(kiaim.population_uniqueness('snb', 1000, q), NULL, 'SNB: no class of two has no estimate') FROM unnest('{a,b,c,c,c}'::text[]) AS q;
SELECT is(kiaim.population_uniqueness('dankar', 1000, q), kiaim.population_uniqueness('zayatz', 1000, q), 'Dankar: then Zayatz, of a small sample')
FROM unnest('{a,b,c,d}'::text[]) AS q;
SELECT is(kiaim.population_uniqueness('dankar', 9, q), kiaim.population_uniqueness('zayatz', 9, q), 'and of a large one') FROM unnest('{a,b,c,c,c}'::text[]) AS q;
SELECT is(kiaim.population_uniqueness('zayatz', 9, q), NULL, 'no rows') FROM unnest('{}'::text[]) AS q;
SELECT is(kiaim.population_uniqueness('zayatz', 8, a, b), kiaim.population_uniqueness('zayatz', 8, a || b), 'NULL is a value')
FROM (VALUES ('a', 'x'), ('b', 'x'), (NULL, 'y'), (NULL, 'y')) AS t (a, b);

SELECT throws_ok($$ SELECT kiaim.population_uniqueness('snp', 9, q) FROM unnest('{a,b}'::text[]) AS q $$, '22023', 'unknown model of population uniqueness: "snp"');
SELECT throws_ok($$ SELECT kiaim.population_uniqueness('snb', 1, q) FROM unnest('{a,b}'::text[]) AS q $$, '22023', 'a population of 1 is smaller than its sample');
SELECT throws_ok($$ SELECT kiaim.population_uniqueness('snb', n, n) FROM generate_series(5, 6) AS n $$, '22023',
	'the population of population uniqueness must be the same for all rows, and not NULL');
SELECT throws_ok($$ SELECT kiaim.population_uniqueness(NULL, 3, n) FROM generate_series(5, 6) AS n $$, '22023',
	'the model of population uniqueness must be the same for all rows, and not NULL');

SELECT * FROM finish();
ROLLBACK;
