-- The members of a policy that require something of a table as a whole, or beside a population: their errors, and
-- kiaim.check against the obvious SQL.
BEGIN;
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kiaim;
SELECT no_plan();

CREATE SCHEMA census;
CREATE TABLE tumour (patient_id int, sex text, age int, icd10 text);
CREATE TABLE census.resident (sex text, age int, icd10 text);
CREATE TABLE census.narrow (sex text, aged int);
CREATE TABLE census.odd (sex text, age bigint);
CREATE INDEX resident_age ON census.resident (age);

CREATE FUNCTION refused(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
	detail text;
BEGIN
	PERFORM kiaim.validate_policy('tumour', ('{"quasi": {"sex": "flat", "age": "flat"}, ' || policy || '}')::jsonb);
	RETURN 'valid';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;

SELECT is(refused(policy), wanted, policy) FROM (VALUES
	('"average_risk": 0', '22023 policy member average_risk must be a risk, a number above 0 and at most 1, not the number 0'),
	('"average_risk": 1.5', '22023 policy member average_risk must be a risk, a number above 0 and at most 1, not the number 1.5'),
	('"average_risk": {"share": 1}', '22023 policy member average_risk must be a number, not an object'),
	('"average_risk": 0.05', 'valid'),
	('"sample_uniqueness": -0.1', '22023 policy member sample_uniqueness must be a share, a number from 0 to 1, not the number -0.1'),
	('"sample_uniqueness": 0', 'valid'),
	('"strict_average_risk": {}', '22023 policy member strict_average_risk requires nothing | Say what must hold, as in {"average": 0.05, "highest": 0.2, "share_at_risk": 0.1, "threshold": 0.1}.'),
	('"strict_average_risk": {"average": 0.1, "threshold": 0.1}', '22023 policy member strict_average_risk lacks share_at_risk | A record is at risk above the threshold; share_at_risk is the share of such records that may be.'),
	('"strict_average_risk": {"share_at_risk": 0.1}', '22023 policy member strict_average_risk lacks threshold | A record is at risk above the threshold; share_at_risk is the share of such records that may be.'),
	('"strict_average_risk": {"avarage": 0.1}', '22023 unknown policy member strict_average_risk.avarage | Perhaps you meant "average".'),
	('"strict_average_risk": {"highest": 0}', '22023 policy member strict_average_risk.highest must be a risk, a number above 0 and at most 1, not the number 0'),
	('"strict_average_risk": {"highest": 0.2}', 'valid'),
	('"population_uniqueness": {"share": 0.1}', '22023 policy member population_uniqueness lacks population | Population uniqueness needs both, as in {"share": 0.01, "population": 83000000}.'),
	('"population_uniqueness": {"population": 100}', '22023 policy member population_uniqueness lacks share | Population uniqueness needs both, as in {"share": 0.01, "population": 83000000}.'),
	('"population_uniqueness": {"share": 0.1, "population": 1.5}', '22023 policy member population_uniqueness.population must be the number of persons of the population, an integer from 1 to 1e15, not the number 1.5'),
	('"population_uniqueness": {"share": 0.1, "population": 83000000000, "model": "ewens"}', '22023 policy member population_uniqueness.model cannot be "ewens" | Known here: "dankar", "pitman", "zayatz", "snb".'),
	('"population_uniqueness": {"share": 0.1, "population": 83000000000, "model": "snb"}', 'valid'),
	('"k_map": 5', '22023 policy member k_map must be an object, not the number 5'),
	('"k_map": {"k": 5}', '22023 policy member k_map lacks population | k-map needs both, as in {"k": 5, "population": "census.residents"}.'),
	('"k_map": {"k": 0, "population": "census.resident"}', '22023 policy member k_map.k must be an integer from 1 to 2147483647, not the number 0'),
	('"k_map": {"k": 5, "population": "resident"}', '22023 policy member k_map.population must name a schema and a relation, not "resident" | Write it as in "census.residents": a policy means the same whatever the search_path is.'),
	('"k_map": {"k": 5, "population": "census.residents"}', '42P01 relation "census.residents" of policy member k_map.population does not exist'),
	('"k_map": {"k": 5, "population": "census.narrow"}', '42703 column "age" of policy member k_map.population does not exist in relation "narrow" | Perhaps you meant the column "aged".'),
	('"k_map": {"k": 5, "population": "census.resident"}', 'valid'),
	('"presence": {"population": "census.resident"}', '22023 policy member presence requires nothing | Say between which limits the share of a class''s population must lie that is in the source.'),
	('"presence": {"max": 0.5}', '22023 policy member presence lacks population | Presence compares with a population, as in {"max": 0.5, "population": "census.residents"}.'),
	('"presence": {"min": 0.6, "max": 0.5, "population": "census.resident"}', '22023 policy member presence has a min of 0.6 above its max of 0.5'),
	('"presence": {"max": 2, "population": "census.resident"}', '22023 policy member presence.max must be a share, a number from 0 to 1, not the number 2'),
	('"presence": {"min": 0.1, "max": 0.5, "population": "census.resident"}', 'valid')
) AS v (policy, wanted);
SELECT matches(refused('"k_map": {"k": 5, "population": "census.resident_age"}'), '^42809 ', 'an index is no population');
SELECT is(refused('"k_map": {"k": 5, "population": "census.resident"}, "recoding": "local"'), 'valid', 'populations and local recoding');
SELECT matches(refused('"k_map": {"k": 5, "population": "census.resident"}, "recoding": "cells"'), '^0A000 policy member k_map.population needs the recoding "full_domain" or "local"', 'but no other recoding');
SELECT is(refused(format('"k_map": {"k": 5, "population": "%s.tumour"}', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'tumour'::regclass))),
	'22023 policy member k_map.population names the source itself | A population is what the source was taken from. | For the classes of the source alone there is "k".', 'the source is no population');

-- what only the rows tell
INSERT INTO tumour SELECT i, 'f', i, 'C50' FROM generate_series(1, 10) AS i;
SELECT throws_ok($$ SELECT kiaim.plan('tumour', '{"quasi": {"sex": "flat", "age": "flat"}, "population_uniqueness": {"share": 0.1, "population": 9}}') $$,
	'22023', 'the population of policy member population_uniqueness is smaller than its sample');
SELECT throws_ok($$ SELECT kiaim.plan('tumour', '{"quasi": {"sex": "flat", "age": "flat"}, "k_map": {"k": 1, "population": "census.odd"}}') $$,
	'42804', 'column "age" of population census.odd has another type than that of the source');
SELECT throws_like($$ SELECT kiaim.plan('tumour', '{"quasi": {"sex": "flat", "age": "flat"}, "k_map": {"k": 1, "population": "census.resident"}}') $$,
	'no generalization satisfies the policy', 'an empty population has no class');
SELECT throws_ok($$ SELECT kiaim.plan_query('tumour', '{"quasi": {"sex": "flat", "age": "flat"}, "population_uniqueness": {"share": 0, "population": 100}}', '{"sex": 0, "age": 0}') $$,
	'22023', 'the policy does not hold at these levels', 'a query for levels where it does not hold');
CREATE ROLE tables_reader;
GRANT USAGE ON SCHEMA kiaim TO tables_reader;
GRANT USAGE ON SCHEMA census TO tables_reader;
GRANT SELECT ON tumour TO tables_reader;
GRANT SELECT (sex) ON census.resident TO tables_reader;
SET LOCAL ROLE tables_reader;
SELECT throws_ok(format('SELECT kiaim.%s(''tumour'', %L)', f, '{"quasi": {"sex": "flat", "age": "flat"}, "k_map": {"k": 1, "population": "census.resident"}}'),
	'42501', 'permission denied for table resident', f || ' reads the population as the caller') FROM unnest('{plan,check}'::text[]) AS f;
RESET ROLE;
DELETE FROM tumour;

-- of nothing everything holds
SELECT is((SELECT bool_and(holds AND measured IS NULL) FROM kiaim.check('tumour',
	'{"quasi": {"sex": "flat"}, "average_risk": 0.1, "sample_uniqueness": 0, "population_uniqueness": {"share": 0, "population": 10}, "k_map": {"k": 5, "population": "census.resident"}}')),
	true, 'an empty table');

-- what cannot be estimated does not hold
INSERT INTO tumour SELECT i, 'f', i, 'C50' FROM generate_series(1, 4) AS i;
SELECT results_eq($$ SELECT measured, holds FROM kiaim.check('tumour', '{"quasi": {"age": "flat"}, "population_uniqueness": {"share": 1, "population": 10, "model": "pitman"}}') $$,
	$$ VALUES (NULL::float8, false) $$, 'nothing but uniques has no estimate by Pitman');
DELETE FROM tumour;

-- random tables against the obvious SQL
CREATE FUNCTION oracle(persons boolean) RETURNS TABLE (requirement text, measured float8) LANGUAGE sql AS $$
	WITH class AS (
		SELECT sex, age, count(*) AS records,
			CASE WHEN persons THEN count(DISTINCT patient_id) + max((patient_id IS NULL)::int) ELSE count(*) END AS size
		FROM tumour GROUP BY sex, age
	), beside AS (
		SELECT *, (SELECT count(*) FROM census.resident AS r WHERE (r.sex, r.age) IS NOT DISTINCT FROM (class.sex, class.age)) AS n FROM class
	)
	SELECT 'average_risk', sum(records / size::float8) / sum(records)::float8 FROM class
	UNION ALL SELECT 'strict_average_risk average', sum(records / size::float8) / sum(records)::float8 FROM class
	UNION ALL SELECT 'strict_average_risk highest', max(1 / size::float8) FROM class
	UNION ALL SELECT 'strict_average_risk share_at_risk', coalesce(sum(records) FILTER (WHERE 1 / size::float8 > 0.3), 0) / sum(records)::float8 FROM class
	UNION ALL SELECT 'sample_uniqueness', coalesce(sum(records) FILTER (WHERE size = 1), 0) / sum(records)::float8 FROM class
	UNION ALL SELECT 'k_map', min(n) FROM beside
	UNION ALL SELECT 'presence min', min(CASE WHEN n > 0 THEN size / n::float8 ELSE 0 END) FROM beside
	UNION ALL SELECT 'presence max', max(CASE WHEN n > 0 THEN size / n::float8 ELSE 'infinity' END) FROM beside
	UNION ALL SELECT 'population_uniqueness', kiaim.population_uniqueness('zayatz', 1000, class)
		FROM (SELECT row_number() OVER () AS class, size FROM class) AS c, generate_series(1, size)
$$;
CREATE FUNCTION differences(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	variety int;
	persons boolean;
BEGIN
	PERFORM setseed(0.4);
	FOR round IN 1 .. rounds LOOP
		variety := 1 + random() * 10;
		persons := random() < 0.5;
		TRUNCATE tumour, census.resident;
		INSERT INTO tumour SELECT nullif((random() * 20)::int, 0), (ARRAY['f', 'm', NULL, '*'])[1 + (random() * 3)::int], nullif((random() * variety)::int, 3) FROM generate_series(1, 1 + (random() * 80)::int);
		INSERT INTO census.resident SELECT sex, age FROM tumour, generate_series(0, (random() * 3)::int);
		INSERT INTO census.resident SELECT 'f', age + 1 FROM tumour WHERE random() < 0.3;
		RETURN QUERY SELECT format('round %s: %s is %s, expected %s', round, c.requirement, c.measured, o.measured)
			FROM kiaim.check('tumour', jsonb_build_object('quasi', '{"sex": "flat", "age": "bins(5)"}'::jsonb, 'average_risk', 0.1, 'sample_uniqueness', 0.1,
				'strict_average_risk', '{"average": 0.1, "highest": 0.1, "share_at_risk": 0.1, "threshold": 0.3}'::jsonb,
				'population_uniqueness', '{"share": 0.1, "population": 1000, "model": "zayatz"}'::jsonb,
				'k_map', '{"k": 2, "population": "census.resident"}'::jsonb, 'presence', '{"min": 0.1, "max": 0.9, "population": "census.resident"}'::jsonb)
				|| CASE WHEN persons THEN '{"person": "patient_id"}'::jsonb ELSE '{}' END) AS c
			FULL JOIN oracle(persons) AS o USING (requirement)
			WHERE NOT coalesce(c.measured = o.measured OR abs(c.measured - o.measured) <= 1e-12 * abs(o.measured), false)
				OR c.holds <> (CASE WHEN requirement IN ('k_map', 'presence min') THEN c.measured >= c.wanted ELSE c.measured <= c.wanted END);
	END LOOP;
END $$;
SELECT is_empty('SELECT * FROM differences(60)', 'sixty random tables, rows and persons');

-- a population may have other types than a release, whose columns are text: then texts are compared
CREATE TABLE released AS SELECT sex, age::text FROM tumour;
SELECT is((SELECT array_agg(measured) FROM kiaim.check('released', '{"quasi": {"sex": "flat", "age": "flat"}, "k_map": {"k": 2, "population": "census.resident"}}')),
	(SELECT array_agg(measured) FROM oracle(false) WHERE requirement = 'k_map'), 'text beside integers');

SELECT * FROM finish();
ROLLBACK;
